import Glibc
import SFTP

/// The way in: connect, judge the host key, authenticate, by one transport or the other.
struct SFTPDoor {
    let settings: SFTPSettings
    let trust: HostTrust
    let start: @Sendable () throws(SourceFailure) -> any SFTPPeer
    let deadline: ContinuousClock.Instant
    let isStopping: () -> Bool
    /// Given one line as each step has been passed.
    var step: (String) -> Void = { _ in }

    private static let ssh = "/usr/bin/ssh"
    /// Connecting and logging in take several answers of the server each (addresses, key exchange, methods, subsystem), and
    /// the child bounds each of them.
    private static let answers = 6
    /// No server has so many host keys.
    private static let mostKeys = 64

    private var patience: Duration { settings.timeout * SFTPDoor.answers + SFTPSession.margin }

    /// A session that is logged in.
    /// - Parameter note: given what is worth a line in the log.
    func open(_ memory: inout SFTPMemory, note: (String) -> Void) throws(SessionEnd) -> SFTPSession {
        let transport: Transport = settings.transport == .openssh || memory.needsOpenSSH ? .openssh : .libssh2
        let text: String
        if transport == .libssh2, mayChange, settings.hasKeyBeyondLibrary {
            // no login is tried that would be refused, for servers count those
            text = "the key is an RSA key, with which libssh2 \(SSHLibrary.version) signs by SHA-1 only"
        } else {
            do throws(SessionEnd) {
                return try enter(transport, &memory, note)
            } catch {
                guard case .negotiation(let words) = error else { throw error }
                text = words
            }
        }
        guard transport == .libssh2, mayChange else { throw noCommonAlgorithm(transport, text) }
        do throws(SessionEnd) {
            let session = try enter(.openssh, &memory, note)
            useOpenSSH(&memory, text, note)
            return session
        } catch {
            if case .negotiation(let words) = error { throw noCommonAlgorithm(.openssh, words) }
            throw error
        }
    }

    private static var hasSSH: Bool { access(ssh, X_OK) == 0 }
    /// Whether OpenSSH may take libssh2's place.
    private var mayChange: Bool { settings.transport == .automatic && SFTPDoor.hasSSH }

    private func useOpenSSH(_ memory: inout SFTPMemory, _ why: String, _ note: (String) -> Void) {
        memory.needsOpenSSH = true
        if memory.isNews("openssh") { note("OpenSSH is used instead of libssh2: \(why)") }
    }

    /// A server that no longer has the key we know fails like one with other algorithms: it is asked to show what it has.
    private func noCommonAlgorithm(_ transport: Transport, _ text: String) -> SessionEnd {
        if !trust.knownTypes.isEmpty, let (session, keys) = try? knock(transport, []) {
            session.abandon()
            if case .not = trust.judge(keys) { return .failed(trust.unlike(keys, why: text)) }
        }
        return .failed(SourceFailure(.remote, text))
    }

    private func enter(
        _ transport: Transport, _ memory: inout SFTPMemory, _ note: (String) -> Void
    ) throws(SessionEnd) -> SFTPSession {
        let (session, key) = try reach(transport, &memory, note)
        do throws(SessionEnd) {
            step("host key \(key.words): it is the one that is known")
            var body: [UInt8]
            do {
                body = try settings.authentication(key)
            } catch {
                throw .failed(error)
            }
            try session.send(&body)
            guard case .ready(let server) = try session.answer(within: patience) else { throw .breach("no answer to a login") }
            step("logged in as \(settings.user); the server: \(Shown.line(server))")
            return session
        } catch {
            session.abandon()
            throw error
        }
    }

    // MARK: Host key

    /// A session whose server has shown a key that is trusted.
    private func reach(
        _ transport: Transport, _ memory: inout SFTPMemory, _ note: (String) -> Void
    ) throws(SessionEnd) -> (SFTPSession, HostKey) {
        var orders = [memory.pinnedType.map { [$0] } ?? trust.knownTypes]
        if case .pin = trust.known {
            // of which type the pinned key is, only the server can say: it shows one key for each order of preference
            orders += ([[]] + HostTrust.types.map { [$0] }).filter { $0 != orders[0] }
        }
        var shown: [HostKey] = []
        for order in orders {
            if let type = order.first, orders.count > 1, shown.contains(where: { $0.type == type }) { continue }
            let session: SFTPSession
            let keys: [HostKey]
            do throws(SessionEnd) {
                (session, keys) = try knock(transport, order)
            } catch {
                // no key of this type; but if no key at all can be shown, that is the answer
                if case .negotiation = error, orders.count > 1, !order.isEmpty { continue }
                throw error
            }
            switch trust.judge(keys) {
            case .trusted(let key):
                if orders.count > 1 { memory.pinnedType = key.type }
                step("connected to \(settings.place) with \(transport == .libssh2 ? "libssh2" : "OpenSSH")")
                return (session, key)
            case .revoked(let key, let line):
                session.abandon()
                throw .failed(trust.revoked(key, line: line))
            case .not:
                session.abandon()
                shown += keys.filter { !shown.contains($0) }
            }
        }
        guard transport == .libssh2, !SSHLibrary.hasRSAWithSHA2, trust.mayBeRSA(shown) else { throw .failed(trust.unlike(shown)) }
        guard mayChange else { throw .failed(trust.uncheckedRSA(shown)) }
        return try reachRSA(&memory, shown, note)
    }

    /// The server has shown keys of other types than the known one, because libssh2 has no signature for RSA keys that servers
    /// still make: OpenSSH can be shown the RSA key.
    private func reachRSA(
        _ memory: inout SFTPMemory, _ shown: [HostKey], _ note: (String) -> Void
    ) throws(SessionEnd) -> (SFTPSession, HostKey) {
        let session: SFTPSession
        let keys: [HostKey]
        do throws(SessionEnd) {
            (session, keys) = try knock(.openssh, [HostTrust.rsa])
        } catch {
            if case .negotiation = error { throw .failed(trust.unlike(shown)) }
            throw error
        }
        switch trust.judge(keys) {
        case .trusted(let key):
            if case .pin = trust.known { memory.pinnedType = key.type }
            useOpenSSH(&memory, "the known host key is an RSA key, which libssh2 \(SSHLibrary.version) cannot check", note)
            step("connected to \(settings.place) with OpenSSH")
            return (session, key)
        case .revoked(let key, let line):
            session.abandon()
            throw .failed(trust.revoked(key, line: line))
        case .not:
            session.abandon()
            throw .failed(trust.unlike(shown + keys.filter { !shown.contains($0) }))
        }
    }

    private func knock(_ transport: Transport, _ types: [String]) throws(SessionEnd) -> (SFTPSession, [HostKey]) {
        let peer: any SFTPPeer
        do {
            peer = try start()
        } catch {
            throw .failed(error)
        }
        let session = SFTPSession(peer: peer, settings: settings, deadline: deadline, isStopping: isStopping)
        do throws(SessionEnd) {
            let milliseconds = settings.timeout.components.seconds * 1000 + settings.timeout.components.attoseconds / 1_000_000_000_000_000
            try session.send(
                .connect(
                    ConnectRequest(
                        transport: transport, host: settings.host, port: settings.port, user: settings.user, hostKeyTypes: types,
                        timeout: UInt32(clamping: milliseconds))))
            guard case .hostKeys(let keys) = try session.answer(within: patience) else { throw .breach("no host key") }
            guard !keys.isEmpty, keys.count <= SFTPDoor.mostKeys, keys.allSatisfy({ HostKey.type(of: $0.blob) == $0.type }) else {
                throw .breach("host keys that are none")
            }
            return (session, keys)
        } catch {
            session.abandon()
            throw error
        }
    }

    /// Every key the server has.
    func hostKeys() throws(SessionEnd) -> [HostKey] {
        var transport: Transport = settings.transport == .openssh ? .openssh : .libssh2
        var found: [HostKey] = []
        do throws(SessionEnd) {
            found = try shown(transport, [])
        } catch {
            guard case .negotiation(let text) = error else { throw error }
            guard transport == .libssh2, settings.transport == .automatic, SFTPDoor.hasSSH else {
                throw .failed(SourceFailure(.remote, text))
            }
            transport = .openssh
            found = try shown(transport, [])
        }
        for type in HostTrust.types where !found.contains(where: { $0.type == type }) {
            guard let more = try? shown(transport, [type]) else { continue }
            found += more.filter { !found.contains($0) }
        }
        return found
    }

    private func shown(_ transport: Transport, _ types: [String]) throws(SessionEnd) -> [HostKey] {
        let (session, keys) = try knock(transport, types)
        session.abandon()
        return keys
    }
}
