public import Trade

/// One export as data: how it is recognised, which column feeds which field of a document, and how its values are written.
/// Built-in layouts are listed in `Layout.builtIn`; users add their own as YAML in `layouts.d/` (docs/layouts.md).
public struct Layout: Hashable, Sendable {
    /// `vendor-central/chargebacks`; what `parse` reports as the format.
    public var name: String
    /// What it is, for people: "chargebacks (operational performance)".
    public var title: String
    public var document: DocumentKind
    /// Stacked tables of one file, top to bottom, whose rows belong together by the document's number. Nearly always one; a
    /// remittance export has payments, then their lines.
    public var tables: [Table]
    /// Order of day, month and year in numeric dates; nil: the account's marketplace's.
    public var dates: DateOrder?
    /// Nil: the account's marketplace's.
    public var decimal: DecimalMark?
    /// Whether thousands may be grouped. Without it `1,234` is an error where the decimal mark is a point, not 1234.
    public var grouping: Bool
    /// Of documents whose rows name none; nil: the account's, with a note.
    public var currency: Currency?
    /// Labels above the header whose values route the file to an account: `Vendor code: ACME1`, in one cell or two.
    public var routes: [String]
    /// Set where a user's layout replaces the built-in one of the same name.
    public var isOverride: Bool

    /// What a table of this layout becomes. Each kind has its own list of fields (`fields`).
    public enum DocumentKind: String, CaseIterable, Hashable, Sendable {
        case remittanceAdvice = "remittance_advice"
        case invoice
        case creditMemo = "credit_memo"
        case debitMemo = "debit_memo"
        case purchaseOrder = "purchase_order"
        case shipment
        case receipt
        case goodsReturn = "return"
        case chargeback
        /// A shortage or price claim of the retailer; canonical type `debit_memo`.
        case claim
        /// Recognised and kept without being understood further.
        case other
    }

    public struct Table: Hashable, Sendable {
        /// For messages: `payments`, `invoices`.
        public var name: String
        /// In the order in which the export has them, as far as it is known: a renamed column is found by its neighbours.
        public var columns: [Column]
        /// Rows that are no records: totals, page titles.
        public var skip: [Skip]
        public init(name: String, columns: [Column], skip: [Skip] = []) {
            self.name = name
            self.columns = columns
            self.skip = skip
        }
    }

    public struct Column: Hashable, Sendable {
        /// A name of `DocumentKind.fields`; nil: known, and read by nobody.
        public var field: String?
        /// Synonyms, compared by case, blanks and punctuation aside; the first is the one that messages name. Empty: the field
        /// has `constant` only.
        public var captions: [String]
        public var presence: Presence
        public var sign: Sign
        /// References that a spreadsheet robs of leading zeros: so many characters wide.
        public var width: Int?
        /// Stands where the file has no such column, or an empty cell. Written plainly: `1234.50`, `2026-03-31`, `USD`.
        public var constant: String?
        public init(
            _ field: String?, _ captions: [String], _ presence: Presence = .expected, sign: Sign = .asWritten, width: Int? = nil,
            constant: String? = nil
        ) {
            self.field = field
            self.captions = captions
            self.presence = presence
            self.sign = sign
            self.width = width
            self.constant = constant
        }
    }

    public enum Presence: String, CaseIterable, Hashable, Sendable {
        /// Without it the file is `format.changed` and is not read.
        case needed
        /// The export has it: if it is gone the file is read, with a note.
        case expected
        /// Some exports have it.
        case optional
    }

    /// What becomes of an amount's sign.
    public enum Sign: String, CaseIterable, Hashable, Sendable {
        case asWritten = "as_written"
        case inverted, positive, negative
    }

    /// A row whose cell under `caption` is one of `values` (compared like captions), or any cell of which is, if `caption` is nil.
    public struct Skip: Hashable, Sendable {
        public var caption: String?
        public var values: [String]
        public init(caption: String? = nil, values: [String]) {
            self.caption = caption
            self.values = values
        }
    }

    public init(
        name: String, title: String, document: DocumentKind, tables: [Table], dates: DateOrder? = nil, decimal: DecimalMark? = nil,
        grouping: Bool = true, currency: Currency? = nil, routes: [String] = ["Vendor code"], isOverride: Bool = false
    ) {
        self.name = name
        self.title = title
        self.document = document
        self.tables = tables
        self.dates = dates
        self.decimal = decimal
        self.grouping = grouping
        self.currency = currency
        self.routes = routes
        self.isOverride = isOverride
    }
}
