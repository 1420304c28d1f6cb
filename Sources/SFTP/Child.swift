import Glibc

/// The SFTP child process: `remitd _sftp`, started by the daemon for one poll, with a socket as standard input and output.
public enum SFTPChild {
    /// Milliseconds between signs of life while the daemon has nothing to ask: less than the shortest memory of common firewalls.
    private static let keepAlive: Int32 = 15_000
    /// What the process may write into any one file: nothing but a note or two.
    private static let largestFile: rlim_t = 1 << 20
    /// Address space of the process, and of an ssh that it starts: many times what either needs (some 100 MiB, most of it
    /// libraries and arenas that are only reserved), and less than what a hostile server would need to drive the machine out of memory.
    private static let mostSpace: rlim_t = 1 << 30

    /// Serves the daemon until `quit`, until its end of the socket closes, or until the session fails.
    /// - Parameter socket: the descriptor of a connected stream socket, usually 0.
    /// - Returns: the process's exit status.
    public static func run(socket: Int32) -> Int32 {
        confine()
        return serve(socket: aside(socket), connections: Connections.make)
    }

    /// - Parameter connections: how a server is reached.
    static func serve(socket: Int32, connections: (ConnectRequest) throws(Failure) -> any Connection) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let daemon = DaemonLink(socket: socket)
        var connection: (any Connection)?
        defer { connection?.close() }
        do {
            try serve(daemon, connections, &connection)
            return 0
        } catch {
            if daemon.isGone { return 0 }
            // the daemon may have gone by now, too, and then nobody needs to know
            try? daemon.reply(.failed(error))
            try? daemon.flush()
            return 1
        }
    }

    private static func serve(
        _ daemon: DaemonLink, _ connections: (ConnectRequest) throws(Failure) -> any Connection, _ connection: inout (any Connection)?
    ) throws(Failure) {
        let request: ConnectRequest
        switch try next(daemon, nil) {
        case .connect(let given)?: request = given
        case .quit?, nil: return
        default: throw unexpected("connect")
        }
        let made = try connections(request)
        connection = made
        try daemon.reply(.hostKeys(try made.hostKeys()))
        try daemon.flush()
        let credentials: Credentials
        switch try next(daemon, nil) {
        case .authenticate(let given)?: credentials = given
        case .quit?, nil: return
        default: throw unexpected("authenticate")
        }
        let channel = try made.open(credentials)
        defer { channel.close() }
        let client = Client(channel)
        client.beforeWaiting = { () throws(Failure) in try daemon.check() }
        try client.start()
        try daemon.reply(.ready(server: (["SFTP 3"] + client.extensions.prefix(8)).joined(separator: " ")))
        try daemon.flush()
        while let asked = try next(daemon, channel) {
            switch asked {
            case .list(let list):
                var listing = Listing(client, list) { (entries) throws(Failure) in
                    try daemon.reply(.entries(entries))
                    try daemon.flush()
                }
                let failure = try listing.run()
                try daemon.reply(failure.map(Reply.unlisted) ?? .listed)
            case .fetch(let files):
                var fetching = Fetching(client, files, user: request.user, daemon: daemon)
                try fetching.run()
            case .acknowledge(let files):
                var acknowledging = Acknowledging(client, files, daemon: daemon)
                try acknowledging.run()
            case .quit: return
            case .connect, .authenticate: throw unexpected("list, fetch, acknowledge or quit")
            }
            try daemon.flush()
        }
    }

    /// Waits for the daemon; meanwhile the connection is kept alive.
    private static func next(_ daemon: DaemonLink, _ channel: (any Channel)?) throws(Failure) -> Request? {
        while !daemon.wait(milliseconds: keepAlive) { try channel?.keepAlive() }
        return try daemon.next()
    }

    private static func unexpected(_ expected: String) -> Failure {
        Failure(.remote, "the daemon asked for something else where \(expected) was due: this is a defect")
    }

    // MARK: the process

    /// Gives the socket a number of its own, which nothing inherits, and leaves standard input and output to whoever may try to use
    /// them: a stray line printed by a library must not reach the daemon as a frame.
    private static func aside(_ socket: Int32) -> Int32 {
        let copy = fcntl(socket, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { return socket }
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        if nowhere >= 0 {
            for number in [0, 1] as [Int32] { dup2(nowhere, number) }
            close(nowhere)
        }
        return copy
    }

    /// The process reads what a foreign server sends: it can gain no rights, leaves no memory behind, and fills no disk.
    private static func confine() {
        // prctl is variadic, which Swift does not import
        typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        if let prctl = dlsym(nil, "prctl").map({ unsafeBitCast($0, to: Prctl.self) }) {
            _ = prctl(38, 1, 0, 0, 0)  // PR_SET_NO_NEW_PRIVS
            _ = prctl(4, 0, 0, 0, 0)  // PR_SET_DUMPABLE
        }
        for (limit, value) in [(RLIMIT_CORE, 0), (RLIMIT_FSIZE, largestFile), (RLIMIT_AS, mostSpace)] {
            var bounds = rlimit(rlim_cur: value, rlim_max: value)
            setrlimit(Int32(limit.rawValue), &bounds)
        }
    }
}
