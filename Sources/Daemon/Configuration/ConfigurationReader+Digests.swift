import Trade

extension ConfigurationReader {
    private enum Interval: String, CaseIterable { case day }

    mutating func readDigests(_ field: Field) {
        guard let entries = field.list("digests") else { return }
        for entry in entries {
            guard let section = entry.section(["to", "at", "every", "language", "accounts"]) else { continue }
            let to = section.required("to", write: "to: [finance@acme.example]")?.list("mail addresses", allowsEmpty: false)?
                .compactMap { $0.address() }
            let at = section.required("at", write: "at: \"07:30\"")?.timeOfDay()
            _ = section["every"]?.choice(Interval.self)
            let language = section["language"]?.choice(Language.self) ?? .en
            let named = section["accounts"]?.list("account ids", allowsEmpty: false)?.compactMap { knownAccount($0) }
            guard let to, let at, to.isEmpty == false else { continue }
            configuration.digests.append(
                DigestConfiguration(
                    group: group(for: to), to: to, at: at, language: language, accounts: named ?? configuration.accounts.map(\.id)))
        }
    }

    /// A file name made of the addresses; a second digest to the same people gets a number.
    private func group(for addresses: [String]) -> String {
        let plain = addresses[0].map { character in
            character == "@" ? "-at-" : character.isLetter || character.isNumber || "._-".contains(character) ? String(character) : "_"
        }.joined()
        let name = String(plain.prefix(80)) + (addresses.count > 1 ? "-and-\(addresses.count - 1)" : "")
        let taken = Set(configuration.digests.map(\.group))
        if !taken.contains(name) { return name }
        var number = 2
        while taken.contains("\(name)-\(number)") { number += 1 }
        return "\(name)-\(number)"
    }

    mutating func readMail(_ field: Field) {
        guard let section = field.section(["from", "sendmail"]) else { return }
        let from = section.required("from", write: "from: remitd@acme.example")?.address()
        let command = section.required("sendmail", write: "sendmail: [/usr/bin/msmtp, -t, -i]")?.list(
            "command and arguments", allowsEmpty: false)
        guard var words = command?.compactMap({ $0.word("a word of the command") }) else { return }
        // a word that was wrong has said so; then the first one left may be an argument
        guard let from, let first = words.first, words.count == command?.count else { return }
        if first.contains("/") { words[0] = Field.absolute(first, in: folder) }
        configuration.mail = MailConfiguration(from: from, sendmail: words)
    }
}
