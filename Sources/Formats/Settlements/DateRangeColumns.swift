import Trade

enum DateRangeField: Int, CaseIterable, Sendable {
    case posted, settlement, type, order, item, description, quantity, marketplace, account, fulfilment, city, state, postal, taxModel
    case total, status, released
}

/// The columns of the unified date-range report in the languages in which Amazon exports it. What stands between the descriptive columns
/// and the total is money, whatever it is called.
struct DateRangeColumns {
    let match: TableLayout<DateRangeField>.Match
    /// Columns whose amounts make up the total.
    let money: [Int]
    /// Unknown columns behind the total.
    let added: [(caption: String, column: Int)]

    init(_ match: TableLayout<DateRangeField>.Match) {
        self.match = match
        let total = match[.total]
        let texts = DateRangeField.allCases.filter { ![.total, .status, .released].contains($0) }.map { match[$0] }
        let last = texts.filter { $0 < total }.max() ?? total
        money = last < total ? Array((last + 1)..<total).filter { !ReferenceKey.of(match.captions[$0]).isEmpty } : []
        let between = Set(money)
        added = match.added.filter { !between.contains($0.column) }
    }

    /// - Returns: nil unless the row is the header of this report: other tables have a type, a quantity and a total, too.
    static func match(_ captions: [String]) -> TableLayout<DateRangeField>.Match? {
        guard let match = table.match(captions), match[.total] >= 0 || match[.posted] >= 0 else { return nil }
        let own = [match[.posted], match[.settlement], match[.status], match[.released]].filter { $0 >= 0 }.count
        return own >= 2 || own == 1 && match[.type] >= 0 && match[.order] >= 0 && match.known >= 6 ? match : nil
    }

    static let table = TableLayout<DateRangeField>(
        name: "transactions",
        columns: [
            LayoutColumn(
                .posted, "date/time", "fecha/hora", "fecha y hora", "date/heure", "Datum/Uhrzeit", "Datum/Zeit", "Data/Ora:", "datum/tijd",
                "datum/tid", "data/godzina", "tarih/saat", "data/hora", "日付/時間", "日付/時刻", needed: true),
            LayoutColumn(
                .settlement, "settlement id", "Id. de liquidación", "numéro de versement", "Identifiant du paiement", "Abrechnungsnummer",
                "Numero pagamento", "identificador de pago", "schikkings-ID", "reglerings-id", "identyfikator rozliczenia", "決済番号",
                needed: true),
            LayoutColumn(.type, "type", "tipo", "Typ", "tip", "トランザクションの種類", needed: true),
            LayoutColumn(
                .order, "order id", "Id. del pedido", "número de pedido", "numéro de la commande", "Bestellnummer", "Numero ordine",
                "bestelnummer", "beställnings-id", "identyfikator zamówienia", "sipariş no.", "id do pedido", "注文番号"),
            LayoutColumn(.item, "sku"),
            LayoutColumn(
                .description, "description", "descripción", "Beschreibung", "Descrizione", "beschrijving", "beskrivning", "opis",
                "açıklama",
                "descrição", "説明", "商品名"),
            LayoutColumn(
                .quantity, "quantity", "cantidad", "quantité", "Menge", "Quantità", "aantal", "antal", "ilość", "adet", "quantidade", "数量"),
            LayoutColumn(
                .marketplace, "marketplace", "web de Amazon", "site de vente", "marknadsplats", "rynek", "pazar yeri", "mercado",
                "Amazon 出品サービス"),
            LayoutColumn(.account, "account type", "tipo de cuenta", "type de compte", "Kontotyp", "tipo di account"),
            LayoutColumn(
                .fulfilment, "fulfillment", "fulfilment", "cumplimiento", "gestión logística", "traitement", "expédition", "Versand",
                "Gestione",
                "leverans", "realizacja", "gönderim", "atendimento", "フルフィルメント"),
            LayoutColumn(
                .city, "order city", "ciudad del pedido", "ciudad de procedencia del pedido", "ville d'où provient la commande",
                "Ort der Bestellung", "Città di provenienza dell'ordine", "bestelling stad", "stad för beställning", "市町村"),
            LayoutColumn(
                .state, "order state", "estado del pedido", "comunidad autónoma de procedencia del pedido",
                "Région d'où provient la commande", "Bundesland", "Provincia di provenienza dell'ordine", "status bestelling",
                "delstat för beställning", "都道府県"),
            LayoutColumn(
                .postal, "order postal", "código postal del pedido", "código postal de procedencia del pedido",
                "code postal de la commande",
                "Postleitzahl", "CAP dell'ordine", "bestelling per post", "postadress för beställning", "郵便番号"),
            LayoutColumn(
                .taxModel, "tax collection model", "modelo de recaudación de impuestos", "Formulario de recaudación de impuestos",
                "Modèle de perception des taxes", "Steuererhebungsmodell", "modello di riscossione delle imposte", "税金徴収型"),
            LayoutColumn(.total, "total", "Gesamt", "totale", "totaal", "totalt", "suma", "toplam", "合計", needed: true),
            LayoutColumn(
                .status, "Transaction Status", "Transaktionsstatus", "Statut de la transaction", "Estado de la transacción",
                "Stato della transazione", "transactiestatus", "トランザクションのステータス"),
            LayoutColumn(
                .released, "Transaction Release Date", "Freigabedatum der Transaktion", "Date de sortie de la transaction",
                "Date de délivrance de la transaction", "Fecha de liberación de la transacción", "Data di rilascio della transazione",
                "publicatiedatum van transactie", "transaktionens utgivningsdatum", "トランザクション開始日"),
        ])
}
