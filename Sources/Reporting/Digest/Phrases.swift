import Mustache
import Trade

/// Renders short mustache texts, each parsed once per digest.
struct Phrases {
    let language: Language
    private var parsed: [String: MustacheTemplate] = [:]

    init(language: Language) { self.language = language }

    mutating func callAsFunction(_ text: Wording.Both, _ fields: [String: Any] = [:], name: String = "remitd") throws(DigestError) -> String
    {
        try render(text[language], fields, name: name)
    }

    /// Plain text; nothing is escaped.
    mutating func render(_ text: String, _ fields: [String: Any], name: String) throws(DigestError) -> String {
        if !text.contains("{{") { return text }
        if let template = parsed[text] { return template.render(fields) }
        let template: MustacheTemplate
        do {
            // templates escape for HTML unless told otherwise; escaping is the business of the part they end in
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + text)
        } catch {
            throw .template(name: name, reason: "\(error)")
        }
        parsed[text] = template
        return template.render(fields)
    }
}
