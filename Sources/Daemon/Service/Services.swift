import Dispatch
import Foundation
import Glibc
import Ledger
public import Logging
import Reporting
import ServiceLifecycle
import Synchronization
import Trade
import UnixSignals

/// Polls, reads, judges and tells, tick by tick.
struct WorkService: Service {
    let worker: Worker
    let notifier: ServiceNotifier
    let interrupt: @Sendable () -> Void

    /// Between two looks when nothing waits and nothing rings.
    static let idle = Duration.milliseconds(500)
    /// By then a stop is over, whatever is in hand: one long copy or fsync cannot be interrupted.
    static let patience = 4.5

    func run() async throws {
        try await withGracefulShutdownHandler {
            // the state is open and the lock is held; a long queue must not look like a start that hangs
            var status = "starting"
            notifier.ready(status: status)
            while !worker.stop.isStopping {
                let tick = try await worker.tick()
                if tick.status != status {
                    notifier.status(tick.status)
                    status = tick.status
                }
                if !tick.isBusy { await worker.bell.wait(atMost: tick.pause) }
            }
        } onGracefulShutdown: {
            notifier.stopping()
            worker.stop.stop()
            worker.bell.ring()
            interrupt()
            // as safe as `kill -9`: everything that counts is in a commit or will be done again
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { _exit(Exit.done) }
        }
    }
}

/// Feeds systemd's watchdog after a real query through the worker's own queue. While one long step runs, its progress
/// counts instead; a step that stands still is killed and restarted.
struct WatchdogService: Service {
    let worker: Worker
    let notifier: ServiceNotifier

    func run() async throws {
        guard let interval = notifier.watchdogInterval else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            let answers = Answers()
            await withTaskGroup(of: Void.self) { group in
                // one question at a time: it waits for the worker's queue, and the feeding must not wait with it
                group.addTask { [worker] in
                    while !Task.isCancelled {
                        if (try? await worker.ping()) != nil { answers.count.add(1, ordering: .relaxed) }
                        try? await Task.sleep(for: .seconds(interval) / 2)
                    }
                }
                var seen = (-1, -1)
                while !Task.isCancelled {
                    let now = (answers.count.load(ordering: .relaxed), worker.stop.progress)
                    if now != seen { notifier.feedWatchdog() }
                    seen = now
                    try? await Task.sleep(for: .seconds(interval))
                }
                group.cancelAll()
            }
        }
    }
}

private final class Answers: Sendable {
    let count = Atomic<Int>(0)
}

/// SIGHUP: configuration again, alert log reopened.
struct ReloadService: Service {
    let worker: Worker
    let notifier: ServiceNotifier
    let hangups: UnixSignalsSequence

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in hangups {
                notifier.reloading()
                await worker.reload()
                notifier.ready()
            }
        }
    }
}

/// Hands digests to the sendmail command.
struct MailService: Service {
    let worker: Worker

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let (outbox, command) = await worker.mail() {
                    do {
                        let outcomes = try await outbox.send(using: command, timeout: MailRound.timeout, now: Clock.machineNow)
                        await worker.noteMail(MailRound.verdict(outcomes))
                    } catch {
                        await worker.noteMail(.trouble("\(error)"))
                    }
                }
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }
}

/// The whole daemon.
public enum Remitd {
    /// Runs until SIGTERM or SIGINT. - Throws: what `Worker.open` throws.
    public static func run(configurationPath: String, announce: (@Sendable (String) -> Void)?, log: Logger) async throws {
        let notifier = ServiceNotifier.takingOverEnvironment()
        // before anything else: by default it ends the process
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let worker = Worker(configurationPath: configurationPath, stop: StopFlag(), log: log)
        let interrupt = try await worker.open(announce: announce)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: WorkService(worker: worker, notifier: notifier, interrupt: interrupt),
                    failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: MailService(worker: worker)),
                .init(service: ReloadService(worker: worker, notifier: notifier, hangups: hangups)),
                .init(service: WatchdogService(worker: worker, notifier: notifier)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        // systemd's TimeoutStopSec is longer; `kill -9` afterwards is safe by design
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        let group = ServiceGroup(configuration: configuration)
        do {
            try await group.run()
        } catch {
            await worker.close()
            throw error
        }
        await worker.close()
    }
}
