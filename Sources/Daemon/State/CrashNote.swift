import Glibc
import Synchronization

/// Remembers across a fatal signal which original was being read, so that a file which crashes the program stays one
/// file. `kill -9` and power cuts leave no note: they are not the file's fault.
///
/// The signal handler only calls `write` and `sigaction`, on memory that was set up before.
enum CrashNote {
    /// 64 hex digits of the original being read, or zeros.
    private nonisolated(unsafe) static let current = UnsafeMutablePointer<CChar>.allocate(capacity: 65)
    private nonisolated(unsafe) static var descriptor: Int32 = -1
    private static let fatal = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]
    private nonisolated(unsafe) static let former = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
    private static let installed = Mutex(false)

    /// - Returns: the original that the last life crashed on, if it did.
    static func takeOver(_ path: String) -> String? {
        var last: String?
        let old = open(path, O_RDONLY | O_CLOEXEC)
        if old >= 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            if read(old, &bytes, 64) == 64, bytes[0] != 0 { last = String(decoding: bytes, as: UTF8.self) }
            close(old)
        }
        let first = installed.withLock { done in
            defer { done = true }
            return !done
        }
        if first { current.update(repeating: 0, count: 65) }
        if descriptor >= 0 { close(descriptor) }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        if first { install() }
        return last
    }

    static func reading(_ sha256: String) {
        for (index, byte) in sha256.utf8.prefix(64).enumerated() { current[index] = CChar(bitPattern: byte) }
    }

    static func done() { current[0] = 0 }

    private static func install() {
        for signal in fatal {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                if CrashNote.current[0] != 0, CrashNote.descriptor >= 0 { _ = write(CrashNote.descriptor, CrashNote.current, 64) }
                // back to what was there (the runtime's backtrace, or the default): the fault happens again at once
                _ = sigaction(signal, CrashNote.former + Int(signal), nil)
                if signal == SIGABRT { _ = raise(signal) }
            }
            _ = sigaction(signal, &action, former + Int(signal))
        }
    }
}
