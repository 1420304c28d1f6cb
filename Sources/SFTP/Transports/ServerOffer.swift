import Glibc

/// What a server offers in the clear before the key exchange (RFC 4253, sections 4.2 and 7.1): read without libssh2, to say why
/// libssh2 found nothing in common with it.
struct ServerOffer: Equatable {
    /// `SSH-2.0-…`, as the server said it.
    var banner: String
    var keyExchange: [String]
    var hostKeys: [String]
    /// Those that it both sends and takes.
    var ciphers: [String]
    var macs: [String]

    /// RFC 4253, section 6.1: at least 35,000 bytes are to be taken.
    static let packetLimit = 65536
    private static let keyExchangeInit: UInt8 = 20
    private static let cookieSize = 16

    /// Asks the server, on a connection of its own.
    static func of(_ request: ConnectRequest) throws(Failure) -> ServerOffer {
        let socket = try ServerSocket.connect(host: request.host, port: request.port, timeout: request.timeout)
        defer {
            socket.shutDown()
            socket.close()
        }
        let greeting = Greeting(socket, Deadline(milliseconds: request.timeout))
        // some servers say nothing more until they have been greeted
        try greeting.send(Array("SSH-2.0-remitd\r\n".utf8))
        let banner = try greeting.banner()
        let payload = try greeting.payload()
        do throws(WireError) {
            return try ServerOffer(banner: banner, payload: payload)
        } catch {
            throw Failure(.remote, "\(socket.place) does not keep to SSH: \(error.description)")
        }
    }

    /// - Parameter payload: of the packet SSH_MSG_KEXINIT.
    init(banner: [UInt8], payload: [UInt8]) throws(WireError) {
        var reader = WireReader(payload)
        guard try reader.byte() == ServerOffer.keyExchangeInit else { throw WireError("its first message is no KEXINIT") }
        for _ in 0..<ServerOffer.cookieSize { _ = try reader.byte() }
        self.banner = ServerText.plain(banner, limit: 80)
        // signals of extensions (RFC 8308 and OpenSSH's strict exchange) stand among the methods, and are none
        keyExchange = try reader.nameList().filter { !$0.hasPrefix("ext-info-") && !$0.hasPrefix("kex-strict-") }
        hostKeys = try reader.nameList()
        let (ciphersTaken, ciphersSent) = (try reader.nameList(), try reader.nameList())
        ciphers = ciphersSent.filter(ciphersTaken.contains)
        let (macsTaken, macsSent) = (try reader.nameList(), try reader.nameList())
        macs = macsSent.filter(macsTaken.contains)
    }

    /// - Parameters:
    ///   - library: what libssh2 has.
    ///   - version: of libssh2.
    /// - Returns: what the server offers, what the library lacks, what helps, to go behind the server's name; nil: they have
    ///   something in common everywhere, so that it was another thing.
    func sentence(library: [SSHLibrary.Kind: [String]], version: String) -> String? {
        let kinds: [(SSHLibrary.Kind, String, [String], String)] = [
            (.hostKeys, "host key", hostKeys, ", or have the server's owner add an ed25519 or ecdsa host key."),
            (.keyExchange, "key exchange", keyExchange, "."),
            (.ciphers, "cipher", ciphers, "."),
            (.macs, "MAC", macs, "."),
        ]
        for (kind, word, offered, owner) in kinds {
            let has = library[kind] ?? []
            if offered.contains(where: has.contains) { continue }
            // a cipher of this sort needs no MAC
            if kind == .macs && ciphers.contains(where: { ServerOffer.isAuthenticated($0) && library[.ciphers]?.contains($0) == true }) {
                continue
            }
            let newer = SSHLibrary.hasRSAWithSHA2 ? "" : " A newer libssh2 (1.11, in Debian 13) has more"
            return "(\(banner)) offers as \(word) only \(ServerOffer.list(offered)); libssh2 \(version) has none of these, but "
                + "\(ServerOffer.list(has.filter { !$0.contains("-cert-") })): set `transport: openssh`\(owner)\(newer)"
        }
        return nil
    }

    private static func isAuthenticated(_ cipher: String) -> Bool { cipher.contains("-gcm") || cipher.hasPrefix("chacha20-poly1305") }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "nothing" : ServerText.plain(names.joined(separator: ", ").utf8)
    }
}

extension WireReader {
    /// A name-list (RFC 4251, section 5).
    fileprivate mutating func nameList() throws(WireError) -> [String] {
        try text().split(separator: ",").map(String.init)
    }
}

/// The beginning of a conversation, byte by byte.
private struct Greeting {
    private let socket: ServerSocket
    private let deadline: Deadline
    /// Lines before the banner (RFC 4253, section 4.2).
    private static let lineLimit = 64

    init(_ socket: ServerSocket, _ deadline: Deadline) {
        self.socket = socket
        self.deadline = deadline
    }

    /// A few bytes: a new connection's buffer takes them whole.
    func send(_ bytes: [UInt8]) throws(Failure) {
        guard Glibc.send(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(.network, "the connection to \(socket.place) was lost at its beginning")
        }
    }

    /// The line that begins with `SSH-`.
    func banner() throws(Failure) -> [UInt8] {
        for _ in 0..<Greeting.lineLimit {
            var line: [UInt8] = []
            while line.last != UInt8(ascii: "\n") {
                guard line.count < ServerSocket.bannerLimit else { break }
                line += try take(1)
            }
            while let last = line.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { line.removeLast() }
            if line.starts(with: "SSH-".utf8) { return line }
        }
        throw Failure(.remote, "\(socket.place) is not an SSH server")
    }

    /// Of the first packet, which is in the clear (RFC 4253, section 6).
    func payload() throws(Failure) -> [UInt8] {
        let length = try take(4).reduce(0) { $0 << 8 | Int($1) }
        guard length > 1, length <= ServerOffer.packetLimit else {
            throw Failure(.remote, "\(socket.place) does not keep to SSH: its first packet has \(length) bytes")
        }
        let packet = try take(length)
        let padding = Int(packet[0])
        guard padding < length - 1 else { throw Failure(.remote, "\(socket.place) sent a packet that is all padding") }
        return Array(packet[1..<(length - padding)])
    }

    private func take(_ count: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let more = bytes.withUnsafeMutableBytes { recv(socket.number, $0.baseAddress.map { $0 + have }, count - have, 0) }
            if more > 0 {
                have += more
            } else if more == 0 {
                throw Failure(.network, "\(socket.place) closed the connection at its beginning")
            } else if errno == EAGAIN {
                guard Waiting.poll(socket.number, POLLIN, until: deadline) else { throw socket.silence("was silent at the beginning") }
            } else if errno != EINTR {
                throw Failure(.network, "the connection to \(socket.place) was lost at its beginning")
            }
        }
        return bytes
    }
}
