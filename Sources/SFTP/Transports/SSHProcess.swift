import Glibc

/// A program of OpenSSH's that runs as a child, in our process group: its standard input and output are one socket, what it says on
/// standard error is kept.
final class SSHProcess {
    private var pid: pid_t
    /// Our end of its standard input and output, non-blocking; -1 after the end.
    private(set) var socket: Int32
    private var errors: Int32
    /// The last of what it said on standard error.
    private(set) var said: [UInt8] = []

    /// A program that goes on talking is cut from the front: the last words say why it ended.
    private static let saidLimit = 8192
    /// Milliseconds for the last words of a program that has closed its output.
    private static let farewell: UInt32 = 2000

    /// - Parameters:
    ///   - arguments: the program's path first.
    ///   - environment: all of it, `NAME=VALUE`.
    init(_ arguments: [String], environment: [String]) throws(Failure) {
        // sockets, since a pipe cannot be made so that no child of another thread inherits it
        guard let (ours, theirs) = SSHProcess.pair() else { throw SSHProcess.cannot(arguments, errno) }
        guard let (errors, errorsTheirs) = SSHProcess.pair() else {
            let code = errno
            for number in [ours, theirs] { Glibc.close(number) }
            throw SSHProcess.cannot(arguments, code)
        }
        defer { for number in [theirs, errorsTheirs] { Glibc.close(number) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(theirs, STDIN_FILENO), (theirs, STDOUT_FILENO), (errorsTheirs, STDERR_FILENO)] {
            posix_spawn_file_actions_adddup2(&actions, from, to)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // what we ignore or block, it shall not
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words = arguments.map { strdup($0) } + [nil]
        var settings = environment.map { strdup($0) } + [nil]
        defer { for text in words + settings { free(text) } }
        var started: pid_t = 0
        let outcome = posix_spawn(&started, arguments[0], &actions, &attributes, &words, &settings)
        guard outcome == 0 else {
            for number in [ours, errors] { Glibc.close(number) }
            throw SSHProcess.cannot(arguments, outcome)
        }
        pid = started
        socket = ours
        self.errors = errors
    }

    deinit { end() }

    private static func pair() -> (Int32, Int32)? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { return nil }
        // ours alone: each end has its own flags
        _ = fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK)
        return (ends[0], ends[1])
    }

    private static func cannot(_ arguments: [String], _ code: Int32) -> Failure {
        let why = String(cString: strerror(code))
        return Failure(.remote, "\(arguments[0]) cannot be started (\(why)): is the package openssh-client installed?")
    }

    /// Waits until the socket can do that, and takes in what is said meanwhile.
    /// - Returns: false: the deadline has passed.
    func wait(for events: Int32, until deadline: Deadline) -> Bool {
        while true {
            var looks = [
                pollfd(fd: socket, events: Int16(events), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            ]
            guard Waiting.poll(&looks, until: deadline) else { return false }
            if looks[1].revents != 0 { hear() }
            if looks[0].revents != 0 { return true }
        }
    }

    /// Waits for words on standard error.
    /// - Returns: false: the deadline has passed, or nothing more will be said.
    func hear(until deadline: Deadline) -> Bool {
        guard errors >= 0, Waiting.poll(errors, POLLIN, until: deadline) else { return false }
        hear()
        return errors >= 0
    }

    /// Its last words: it has closed its output, and is about to end.
    func hearLastWords() {
        let deadline = Deadline(milliseconds: SSHProcess.farewell)
        while hear(until: deadline) {}
    }

    private func hear() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        // bounded: a program that never stops talking must not keep us here
        for _ in 0..<16 {
            let count = read(errors, &buffer, buffer.count)
            if count > 0 {
                said += buffer[..<count]
                said.removeFirst(max(0, said.count - SSHProcess.saidLimit))
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                Glibc.close(errors)
                errors = -1
                return
            } else if errno == EAGAIN {
                return
            }
        }
    }

    /// Kills it if it still runs. Safe to repeat.
    func end() {
        for number in [socket, errors] where number >= 0 { Glibc.close(number) }
        (socket, errors) = (-1, -1)
        guard pid > 0 else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        pid = 0
    }
}
