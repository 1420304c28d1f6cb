import Glibc

/// An original's bytes, mapped read-only for as long as this object lives. Objects are immutable, so nothing changes or
/// shrinks under a reader.
public final class MappedOriginal: Sendable {
    public let sha256: SHA256Digest
    /// In bytes.
    public let size: Int
    // never written through, and unmapped only when nobody holds this object
    private nonisolated(unsafe) let start: UnsafeMutableRawPointer?

    init(sha256: SHA256Digest, file: borrowing Descriptor, size: Int) throws(Errno) {
        self.sha256 = sha256
        self.size = size
        // mmap refuses a length of 0
        guard size > 0 else {
            start = nil
            return
        }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0), start != MAP_FAILED else { throw .last }
        madvise(start, size, MADV_SEQUENTIAL)
        self.start = start
    }

    deinit {
        if let start { munmap(start, size) }
    }

    /// Lends the bytes to a reader.
    public func withBytes<Result: ~Copyable, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: size).bytes)
    }

    /// A copy of the first bytes: what a format looks at (`FileHead.bytes`).
    public func head(_ count: Int) -> [UInt8] {
        withBytes { bytes in bytes.withUnsafeBytes { Array($0.prefix(count)) } }
    }
}
