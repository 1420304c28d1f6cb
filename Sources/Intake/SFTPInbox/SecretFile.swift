import Glibc
import SFTP

/// A file that holds a key, a passphrase or a password.
enum SecretFile {
    /// No key or password is larger; what is, is the wrong file.
    private static let limit = 64 << 10

    /// Reads it; a symbolic link is followed, as systemd's credentials may be links.
    /// - Parameter isLine: without the line end that editors leave behind a password.
    static func read(_ path: String, _ what: String, isLine: Bool) throws(SourceFailure) -> Secret {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 16)
        defer {
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
            bytes.deallocate()
        }
        var count = 0
        do throws(Errno) {
            // O_NONBLOCK: a FIFO would wait for a writer for ever
            let file = try Call.open(path, O_RDONLY | O_NONBLOCK)
            guard try Call.status(file).shape == .file else { throw Errno(code: EINVAL) }
            while count < bytes.count {
                let got = try Call.read(file.number, into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...]))
                if got == 0 { break }
                count += got
            }
        } catch {
            throw SourceFailure(
                .auth, "cannot read the \(what) file \(path): \(error.words); give the service's user the right to read it")
        }
        guard count <= limit else { throw SourceFailure(.auth, "the \(what) file \(path) is larger than \(limit) bytes: not a \(what)") }
        if isLine, count > 0, bytes[count - 1] == 10 {
            count -= 1
            if count > 0, bytes[count - 1] == 13 { count -= 1 }
        }
        guard count > 0 else { throw SourceFailure(.auth, "the \(what) file \(path) is empty") }
        return Secret(path: path, bytes: Array(bytes[..<count]))
    }

    /// Overwrites bytes that are no longer needed. Copies that arrays made while they grew are out of reach.
    static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
    }
}

extension SFTPSettings {
    /// The frame that authenticates, to be wiped by whoever sends it.
    func authentication(_ hostKey: HostKey) throws(SourceFailure) -> [UInt8] {
        var credentials = Credentials(hostKey: hostKey, key: nil, passphrase: nil, password: nil)
        if let key { credentials.key = try SecretFile.read(key, "key", isLine: false) }
        if let passphrase { credentials.passphrase = try SecretFile.read(passphrase, "passphrase", isLine: true) }
        if let password { credentials.password = try SecretFile.read(password, "password", isLine: true) }
        defer {
            for part in [\Credentials.key, \.passphrase, \.password] as [WritableKeyPath<Credentials, Secret?>] {
                // taken out first: a second reference would make wiping write to a copy
                guard var secret = credentials[keyPath: part] else { continue }
                credentials[keyPath: part] = nil
                SecretFile.wipe(&secret.bytes)
            }
        }
        return Request.authenticate(credentials).encoded
    }
    /// Whether the user's key is one that libssh2 can only have refused; false if it cannot be read, which is told later.
    var hasKeyBeyondLibrary: Bool {
        guard !SSHLibrary.hasRSAWithSHA2, let key, var secret = try? SecretFile.read(key, "key", isLine: false) else { return false }
        defer { SecretFile.wipe(&secret.bytes) }
        return SSHLibrary.isRSA(privateKey: secret.bytes)
    }
}
