import CGMime
import Trade

/// The words of a mail's header, decoded by GMime. The texts given to it are bounded (`MailBounds.field`).
enum MailWords {
    // done once: GMime never needs to be shut down
    private static let ready: Void = g_mime_init()

    /// A field as text: unfolded, raw bytes of some encoding as UTF-8. Encoded words stay as they are.
    static func text(_ raw: [UInt8]) -> String {
        let flat = raw.filter { $0 != 13 && $0 != 10 && $0 != 0 }
        return String(decoding: MailCharset.guessed(flat).text, as: UTF8.self)
    }

    /// Encoded words (RFC 2047) and control characters resolved, shortened.
    static func decoded(_ text: String) -> String? {
        ready
        guard let decoded = g_mime_utils_header_decode_text(nil, text) else { return nil }
        defer { g_free(decoded) }
        return clean(String(cString: decoded), limit: MailBounds.words)
    }

    /// `Name <address>` of a From field.
    static func sender(_ text: String) -> String? {
        ready
        guard let list = internet_address_list_parse(nil, text) else { return decoded(text) }
        defer { g_object_unref(list) }
        guard let joined = internet_address_list_to_string(list, nil, 0) else { return decoded(text) }
        defer { g_free(joined) }
        return clean(String(cString: joined), limit: MailBounds.words)
    }

    /// Seconds since 1970 of a Date field.
    static func date(_ text: String) -> Int64? {
        ready
        guard let date = g_mime_utils_header_decode_date(text) else { return nil }
        defer { g_date_time_unref(date) }
        return Int64(g_date_time_to_unix(date))
    }

    /// A Message-ID without its brackets.
    static func id(_ text: String) -> String? {
        ready
        guard let id = g_mime_utils_decode_message_id(text) else { return clean(text, limit: MailBounds.words) }
        defer { g_free(id) }
        return clean(String(cString: id), limit: MailBounds.words)
    }

    /// The type, and the parameters asked for, of a Content-Type field.
    static func type(_ field: String, _ names: [String]) -> (type: String, subtype: String, parameters: [String: String])? {
        ready
        guard let type = g_mime_content_type_parse(nil, field) else { return nil }
        defer { g_object_unref(type) }
        guard let major = g_mime_content_type_get_media_type(type), let minor = g_mime_content_type_get_media_subtype(type) else {
            return nil
        }
        var found: [String: String] = [:]
        for name in names {
            if let value = g_mime_content_type_get_parameter(type, name) { found[name] = String(cString: value) }
        }
        return (String(cString: major).lowercased(), String(cString: minor).lowercased(), found)
    }

    /// The disposition (`attachment`, `inline`) and file name of a Content-Disposition field.
    static func disposition(_ field: String) -> (kind: String, name: String?)? {
        ready
        guard let disposition = g_mime_content_disposition_parse(nil, field) else { return nil }
        defer { g_object_unref(disposition) }
        let kind = g_mime_content_disposition_get_disposition(disposition).map { String(cString: $0).lowercased() } ?? ""
        return (kind, g_mime_content_disposition_get_parameter(disposition, "filename").map { String(cString: $0) })
    }

    /// Without control and direction characters and blanks at the ends.
    static func clean(_ text: String, limit: Int) -> String? {
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 9, 10, 13: kept.append(" ")
            case 0..<32, 127..<160, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: continue
            default: kept.append(scalar)
            }
            count += 1
            if count >= limit { break }
        }
        let words = String(kept).drop { $0 == " " }
        let end = words.lastIndex { $0 != " " }
        return end.map { String(words[...$0]) }
    }

    /// A file name for people: the last component of whatever path the sender wrote.
    static func fileName(_ text: String?) -> String? {
        guard let text, let clean = clean(text, limit: 4 * MailBounds.name) else { return nil }
        let last = clean.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
        guard last != ".", last != "..", !last.isEmpty else { return nil }
        guard last.count > MailBounds.name else { return last }
        // its ending says what it is
        let ending = last.lastIndex(of: ".").map { String(last[$0...].prefix(12)) } ?? ""
        return String(last.prefix(MailBounds.name - ending.count)) + ending
    }
}

/// A Content-Type field.
struct MailType {
    var name = "text/plain"
    var boundary: [UInt8]?
    var charset: String?
    var fileName: String?
    /// RFC 3676: lines that end with a blank go on in the next.
    var isFlowed = false
    var deletesBlank = false
    /// `enveloped-data`, `signed-data`.
    var secure: String?

    init() {}

    init(_ field: String) {
        guard let found = MailWords.type(field, ["boundary", "charset", "name", "format", "delsp", "smime-type"]) else {
            // unreadable: nothing is known of the part
            name = "application/octet-stream"
            return
        }
        name = "\(found.type)/\(found.subtype)"
        boundary = found.parameters["boundary"].map { Array($0.utf8) }
        charset = found.parameters["charset"]
        fileName = found.parameters["name"]
        isFlowed = found.parameters["format"]?.lowercased() == "flowed"
        deletesBlank = found.parameters["delsp"]?.lowercased() == "yes"
        secure = found.parameters["smime-type"]?.lowercased()
    }

    var isMultipart: Bool { name.hasPrefix("multipart/") }
    /// A multipart that says how its parts are divided.
    var isDivided: Bool { isMultipart && (1...MailBounds.boundary).contains(boundary?.count ?? 0) }
    var isText: Bool { name == "text/plain" || name == "text/html" }
}
