import Intake
import Testing

@testable import Daemon

@Suite struct `A folder that wakes` {
    let time = FileTime(seconds: 1_700_000_000)

    @Test func `is looked at at once, and then a few times a second`() {
        var folder = WakingFolder()
        #expect(!folder.isDue(time))
        folder.isWoken = true
        #expect(folder.isDue(time))
        folder.looked = time
        #expect(!folder.isDue(time + .milliseconds(199)))
        #expect(folder.isDue(time + .milliseconds(200)))
    }

    @Test func `is looked at when its file will be settled`() {
        var folder = WakingFolder(settles: time + .seconds(10), looked: time)
        #expect(!folder.isDue(time + .milliseconds(9_999)))
        #expect(folder.isDue(time + .seconds(10)))
        #expect(folder.due == time + .seconds(10))
        folder.isWoken = true
        #expect(folder.due == time + .milliseconds(200))
        folder.looked = time + .milliseconds(9_900)
        folder.isWoken = false
        #expect(folder.due == time + .milliseconds(10_100))
    }

    @Test func `rests the longer the longer a look takes`() {
        let folder = WakingFolder(isWoken: true, looked: time, took: .seconds(3))
        #expect(!folder.isDue(time + .seconds(14)))
        #expect(folder.isDue(time + .seconds(15)))
    }

    @Test func `does not wait for a clock that was set back`() {
        let folder = WakingFolder(isWoken: true, looked: time)
        #expect(folder.isDue(time + .seconds(-3600)))
    }
}

@Suite struct `A bell` {
    /// Far above anything a machine could take for a ring, though other tests keep the pool's threads busy for minutes: reaching it means
    /// that the ring was lost.
    static let forever = Duration.seconds(86_400)

    @Test func `that rang before is heard at once, and once`() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        let start = ContinuousClock.now
        await bell.wait(atMost: Self.forever)
        #expect(ContinuousClock.now - start < Self.forever / 2)
        let again = ContinuousClock.now
        await bell.wait(atMost: .milliseconds(50))
        #expect(ContinuousClock.now - again >= .milliseconds(50))
    }

    @Test func `ends a wait, time after time`() async {
        let bell = Bell()
        let start = ContinuousClock.now
        for _ in 0..<200 {
            async let wait: Void = bell.wait(atMost: Self.forever)
            async let ring: Void = bell.ring()
            _ = await (wait, ring)
        }
        #expect(ContinuousClock.now - start < Self.forever / 2)
    }

    @Test func `is not needed for a wait to end`() async {
        let bell = Bell()
        for _ in 0..<20 { await bell.wait(atMost: .milliseconds(1)) }
        await bell.wait(atMost: .zero)
    }
}
