import Glibc

/// The other end of a session: a process of its own, or whatever a test puts in its place.
protocol SFTPPeer: AnyObject {
    /// A connected stream socket; frames go both ways.
    var socket: Int32 { get }
    /// What it says of itself (its standard error); -1 if there is no such thing.
    var lastWords: Int32 { get }
    /// Ends it, whatever it does, and waits until it has ended. Safe to repeat.
    /// - Parameter grace: how long it may take to end by itself before it is killed.
    /// - Returns: how it ended, if it did so by itself: "signal 11", "exit status 1".
    @discardableResult
    func end(grace: Duration) -> String?
}

/// One child process: `remitd _sftp`, with one end of a socket as its standard input and output, and nothing else of ours.
/// It is killed, with whatever it started, and waited for when this object goes.
final class ChildProcess: SFTPPeer {
    private let ours: Descriptor
    private let ear: Descriptor
    var socket: Int32 { ours.number }
    var lastWords: Int32 { ear.number }
    private let process: pid_t
    private var hasEnded = false
    private var ending: String?

    private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    // glibc shows it under _GNU_SOURCE only, like renameat2. All our descriptors are O_CLOEXEC anyway.
    private static let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map { unsafeBitCast($0, to: CloseFrom.self) }

    init(program: String) throws(SourceFailure) {
        do throws(Errno) {
            let frames = try Pair()
            let words = try Pair()
            process = try ChildProcess.spawn(program, socket: frames.theirs.number, errors: words.theirs.number)
            ours = frames.ours
            ear = words.ours
        } catch {
            throw SourceFailure(.remote, "cannot start the SFTP child \(program): \(error.words); nothing was asked of the server")
        }
    }

    deinit { end(grace: .zero) }

    private struct Pair: ~Copyable {
        let ours: Descriptor
        let theirs: Descriptor
        init() throws(Errno) {
            var ends: [Int32] = [-1, -1]
            try Call.repeating { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) }
            ours = Descriptor(adopting: ends[0])
            theirs = Descriptor(adopting: ends[1])
        }
    }

    private static func spawn(_ program: String, socket: Int32, errors: Int32) throws(Errno) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, socket, 0)
        posix_spawn_file_actions_adddup2(&actions, socket, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        _ = closeFrom?(&actions, 3)
        // a group of its own, so that what it starts (ssh) is ended with it; signals as a fresh program expects them
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = ["remitd", "_sftp"].map { $0.withCString { strdup($0) } } + [nil]
        var environment = ChildProcess.environment.map { $0.withCString { strdup($0) } } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw Errno(code: code) }
        return process
    }

    /// Nothing of ours that the child has no use for: no credentials folder, no proxy, no locale.
    private static var environment: [String] {
        var environment = ["LANG=C", "HOME=/", "SWIFT_BACKTRACE=enable=no"]
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let value = getenv(name) { environment.append("\(name)=\(String(cString: value))") }
        }
        return environment
    }

    @discardableResult
    func end(grace: Duration) -> String? {
        if hasEnded { return ending }
        hasEnded = true
        let limit = ContinuousClock.now + grace
        // looked at without reaping: as long as the process is not waited for, its number and its group are nobody else's
        var state = siginfo_t()
        while waitid(P_PID, id_t(process), &state, WEXITED | WNOHANG | WNOWAIT) == 0, !ChildProcess.hasExited(state),
            ContinuousClock.now < limit
        {
            usleep(2000)
        }
        let byItself = ChildProcess.hasExited(state)
        kill(-process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        if byItself { ending = status & 0x7f != 0 ? "signal \(status & 0x7f)" : "exit status \(status >> 8 & 0xff)" }
        return ending
    }

    private static func hasExited(_ state: siginfo_t) -> Bool { state.si_signo == SIGCHLD }
}
