import Foundation
import Ledger
public import Logging
import Reporting
import ServiceLifecycle
import Trade
import UnixSignals

/// Polls, reads, judges and tells, tick by tick.
struct WorkService: Service {
    let worker: Worker
    let notifier: ServiceNotifier
    let interrupt: @Sendable () -> Void

    /// Between two looks when nothing waits.
    static let idle = Duration.milliseconds(500)

    func run() async throws {
        try await withGracefulShutdownHandler {
            var ready = false
            var status = ""
            while !worker.stop.isStopping {
                let tick = try await worker.tick()
                if !ready {
                    notifier.ready(status: tick.status)
                    ready = true
                } else if tick.status != status {
                    notifier.status(tick.status)
                }
                status = tick.status
                if !tick.isBusy { try? await Task.sleep(for: Self.idle) }
            }
        } onGracefulShutdown: {
            notifier.stopping()
            worker.stop.stop()
            interrupt()
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
        let pause = Duration.seconds(interval)
        await cancelWhenGracefulShutdown {
            var seen = -1
            while !Task.isCancelled {
                let answered = await answers(within: pause)
                let progress = worker.stop.progress
                if answered || progress != seen { notifier.feedWatchdog() }
                seen = progress
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func answers(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await worker.ping()) != nil }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}

/// SIGHUP: configuration again, alert log reopened.
struct ReloadService: Service {
    let worker: Worker
    let notifier: ServiceNotifier

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
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
                        if !outcomes.isEmpty { await worker.mailTrouble(MailRound.trouble(outcomes)) }
                    } catch {
                        await worker.mailTrouble("\(error)")
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
        let worker = Worker(configurationPath: configurationPath, stop: StopFlag(), log: log)
        let interrupt = try await worker.open(announce: announce)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: WorkService(worker: worker, notifier: notifier, interrupt: interrupt),
                    failureTerminationBehavior: .gracefullyShutdownGroup),
                .init(service: MailService(worker: worker)),
                .init(service: ReloadService(worker: worker, notifier: notifier)),
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
