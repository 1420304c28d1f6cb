/// What can be seen of a private key without its passphrase.
struct UserKey {
    enum Kind { case rsa, ecdsa, ed25519, dsa, unknown }
    enum Form { case openssh, pem, putty, ssh2, isPublic, unknown }
    let form: Form
    let kind: Kind
    let isEncrypted: Bool

    /// - Parameter bytes: of the key's file.
    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }
        guard let start = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") && $0.hasSuffix("PRIVATE KEY-----") }) else {
            (form, kind, isEncrypted) = (UserKey.otherForm(text), .unknown, false)
            return
        }
        let label = lines[start]
        let rest = lines[(start + 1)...].prefix { !$0.hasPrefix("-----END") }
        let body = Base64.decode(rest.filter { !$0.contains(":") }.joined()) ?? []
        form = label.contains("OPENSSH") ? .openssh : .pem
        switch label {
        case "-----BEGIN OPENSSH PRIVATE KEY-----":
            (kind, isEncrypted) = UserKey.openSSH(body)
        case "-----BEGIN ENCRYPTED PRIVATE KEY-----":
            (kind, isEncrypted) = (.unknown, true)
        case "-----BEGIN PRIVATE KEY-----":
            (kind, isEncrypted) = (UserKey.pkcs8(body), false)
        default:
            kind = label.contains("RSA") ? .rsa : label.contains(" EC ") ? .ecdsa : label.contains("DSA") ? .dsa : .unknown
            isEncrypted = rest.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") }
        }
    }

    /// OpenSSH's PROTOCOL.key: the cipher's name and the public key stand in the clear.
    private static func openSSH(_ body: [UInt8]) -> (Kind, Bool) {
        let magic = Array("openssh-key-v1\0".utf8)
        guard body.starts(with: magic) else { return (.unknown, false) }
        var reader = WireReader(Array(body.dropFirst(magic.count)))
        guard let cipher = try? reader.text(), (try? reader.text()) != nil, (try? reader.string()) != nil,
            (try? reader.number()) != nil, let key = try? reader.string()
        else { return (.unknown, false) }
        var inner = WireReader(key)
        return (kind(ofType: (try? inner.text()) ?? ""), cipher != "none")
    }

    private static func kind(ofType type: String) -> Kind {
        switch type {
        case "ssh-rsa": .rsa
        case "ssh-ed25519": .ed25519
        case "ssh-dss": .dsa
        default: type.hasPrefix("ecdsa-sha2-") ? .ecdsa : .unknown
        }
    }

    /// By the object identifier of the algorithm, near the beginning (RFC 5208): rsaEncryption, id-ecPublicKey, Ed25519.
    private static func pkcs8(_ body: [UInt8]) -> Kind {
        let head = body.prefix(40)
        func has(_ identifier: [UInt8]) -> Bool {
            head.indices.contains { head[$0...].starts(with: identifier) }
        }
        if has([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]) { return .rsa }
        if has([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]) { return .ecdsa }
        return has([0x2b, 0x65, 0x70]) ? .ed25519 : .unknown
    }

    private static func otherForm(_ text: String) -> Form {
        if text.hasPrefix("PuTTY-User-Key-File") { return .putty }
        if text.hasPrefix("---- BEGIN SSH2") { return .ssh2 }
        if text.hasPrefix("ssh-") || text.hasPrefix("ecdsa-") || text.contains("BEGIN PUBLIC KEY") { return .isPublic }
        return .unknown
    }

    /// Why it cannot be used whatever the server says, and what to do; nil: it can be tried.
    /// - Parameter passphrase: what was configured.
    func problem(passphrase: [UInt8]?) -> String? {
        switch form {
        case .putty: "the key file is PuTTY's: convert it (puttygen KEY.ppk -O private-openssh -o KEY)"
        case .ssh2: "the key file is in the SSH2 form: convert it to OpenSSH's with the program that made it"
        case .isPublic: "the key file holds a public key: name the private one (the file without .pub)"
        case .unknown: "the key file holds no private key in OpenSSH or PEM form"
        case .openssh, .pem:
            if isEncrypted && passphrase?.isEmpty != false {
                "the key file has a passphrase: configure it as `passphrase`"
            } else if passphrase?.contains(0) == true {
                "the passphrase holds a NUL byte: check its file"
            } else {
                nil
            }
        }
    }
}

extension Substring {
    /// Without blanks around it, as editors and mails leave them.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
