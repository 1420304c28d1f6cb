import Dispatch
import Synchronization

/// Ends a wait from any thread. A ring that nobody hears is kept for the next wait, once however often it rang.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var listener: CheckedContinuation<Void, Never>?
        /// Tells a wait's own time limit from an earlier one's.
        var waits = 0
    }
    private let state = Mutex(State())

    func ring() {
        state.withLock { state in
            state.hasRung = state.listener == nil
            state.listener?.resume()
            state.listener = nil
        }
    }

    /// Until it rings, or for as long as `limit`. One waits at a time.
    func wait(atMost limit: Duration) async {
        await withCheckedContinuation { (listener: CheckedContinuation<Void, Never>) in
            let wait: Int? = state.withLock { state in
                if state.hasRung {
                    state.hasRung = false
                    listener.resume()
                    return nil
                }
                state.waits += 1
                state.listener = listener
                return state.waits
            }
            guard let wait else { return }
            let (seconds, attoseconds) = limit.components
            let nanoseconds = Int(clamping: max(0, seconds)) * 1_000_000_000 + Int(max(0, attoseconds) / 1_000_000_000)
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { self.giveUp(wait) }
        }
    }

    private func giveUp(_ wait: Int) {
        state.withLock { state in
            guard state.waits == wait, let listener = state.listener else { return }
            state.listener = nil
            listener.resume()
        }
    }
}
