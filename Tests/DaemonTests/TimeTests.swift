import Daemon
import Testing
import Trade

@Suite struct TimeTests {
    let shanghai: CivilZone
    let berlin: CivilZone
    let angeles: CivilZone

    init() throws {
        shanghai = try #require(CivilZone("Asia/Shanghai"))
        berlin = try #require(CivilZone("Europe/Berlin"))
        angeles = try #require(CivilZone("America/Los_Angeles"))
    }

    func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }
    func day(_ text: String) throws -> Day { try #require(Day(iso: text)) }

    @Test func `an instant is on different days in different zones`() throws {
        let time = try instant("2026-03-01T06:30:00Z")
        #expect(angeles.day(of: time).description == "2026-02-28")
        #expect(berlin.day(of: time).description == "2026-03-01")
        #expect(shanghai.day(of: try instant("2025-12-31T16:00:00Z")).description == "2026-01-01")
        #expect(shanghai.day(of: try instant("2025-12-31T15:59:59Z")).description == "2025-12-31")
        #expect(angeles.day(of: try instant("2024-03-01T07:59:59Z")).description == "2024-02-29")
        #expect(CivilZone.utc.day(of: time).description == "2026-03-01")
    }

    @Test func `only names with rules are zones`() {
        for name in ["PST", "GMT+8", "CST", "+08:00", "", "Mars/Olympus", "asia/shanghai", "../../etc/passwd", "/etc/localtime"] {
            #expect(CivilZone(name) == nil, "\(name)")
        }
        for name in ["UTC", "Etc/UTC", "Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv", "America/Argentina/Buenos_Aires"] {
            #expect(CivilZone(name)?.name == name)
        }
    }

    @Test func `as-of takes an instant, or a date as the end of that day in the zone`() throws {
        #expect(AsOf.parse("2026-03-02T06:00:00Z", in: shanghai) == (try instant("2026-03-02T06:00:00Z")))
        #expect(AsOf.parse("2026-03-02T06:00:00+08:00", in: berlin) == (try instant("2026-03-01T22:00:00Z")))
        #expect(AsOf.parse("2026-03-02", in: shanghai)?.description == "2026-03-02T15:59:59Z")
        #expect(AsOf.parse("2026-03-02", in: .utc)?.description == "2026-03-02T23:59:59Z")
        #expect(AsOf.parse("2024-02-29", in: angeles)?.description == "2024-03-01T07:59:59Z")
        // the days on which clocks change have 23 and 25 hours
        #expect(AsOf.parse("2026-03-08", in: angeles)?.description == "2026-03-09T06:59:59Z")
        #expect(AsOf.parse("2026-11-01", in: angeles)?.description == "2026-11-02T07:59:59Z")
        for text in ["2026-02-29", "2026-3-2", "yesterday", "", "2026-03-02T06:00:00", "2026-13-01T00:00:00Z", "20260302"] {
            #expect(AsOf.parse(text, in: shanghai) == nil, "\(text)")
        }
    }

    @Test func `a time of day is written with four digits`() {
        #expect(TimeOfDay("07:30")?.minutes == 450)
        #expect(TimeOfDay("00:00")?.description == "00:00")
        #expect(TimeOfDay("23:59")?.description == "23:59")
        for text in ["24:00", "7:30", "07:60", "07.30", "0730", "07:30:00", "+7:30", "０7:30"] { #expect(TimeOfDay(text) == nil, "\(text)") }
    }

    @Test func `the next digest is strictly later`() throws {
        let schedule = DigestSchedule(at: try #require(TimeOfDay("07:30")), zone: shanghai)
        #expect(schedule.next(after: try instant("2026-03-01T23:29:59Z")).description == "2026-03-01T23:30:00Z")
        #expect(schedule.next(after: try instant("2026-03-01T23:30:00Z")).description == "2026-03-02T23:30:00Z")
        #expect(schedule.last(upTo: try instant("2026-03-01T23:30:00Z")).description == "2026-03-01T23:30:00Z")
        #expect(schedule.last(upTo: try instant("2026-03-01T23:29:59Z")).description == "2026-02-28T23:30:00Z")
        #expect(schedule.next(after: try instant("2025-12-31T00:00:00Z")).description == "2025-12-31T23:30:00Z")
    }

    @Test func `a digest keeps wall time through summer time`() throws {
        let schedule = DigestSchedule(at: try #require(TimeOfDay("07:30")), zone: berlin)
        let times = schedule.due(after: try instant("2026-03-27T12:00:00Z"), upTo: try instant("2026-03-30T12:00:00Z"))
        #expect(times.map(\.description) == ["2026-03-28T06:30:00Z", "2026-03-29T05:30:00Z", "2026-03-30T05:30:00Z"])
    }

    @Test func `a skipped time comes once, as long after the change as it would have been`() throws {
        let schedule = DigestSchedule(at: try #require(TimeOfDay("02:30")), zone: berlin)
        #expect(schedule.due(on: try day("2026-03-29")).description == "2026-03-29T01:30:00Z")  // 03:30 on the wall
        let days = schedule.days(after: try instant("2026-03-27T12:00:00Z"), upTo: try instant("2026-03-31T12:00:00Z"))
        #expect(days.map(\.description) == ["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"])
        let angeles = DigestSchedule(at: try #require(TimeOfDay("02:00")), zone: self.angeles)
        #expect(angeles.due(on: try day("2026-03-08")).description == "2026-03-08T10:00:00Z")
    }

    @Test func `a doubled time comes once, at the first of the two`() throws {
        let schedule = DigestSchedule(at: try #require(TimeOfDay("02:30")), zone: berlin)
        #expect(schedule.due(on: try day("2026-10-25")).description == "2026-10-25T00:30:00Z")
        #expect(schedule.next(after: try instant("2026-10-25T00:30:00Z")).description == "2026-10-26T01:30:00Z")
        #expect(schedule.next(after: try instant("2026-10-25T01:00:00Z")).description == "2026-10-26T01:30:00Z")
    }

    @Test func `a zone that skipped a whole day gives no instant twice`() throws {
        // Samoa had no 30 December 2011
        let zone = try #require(CivilZone("Pacific/Apia"))
        let schedule = DigestSchedule(at: try #require(TimeOfDay("07:30")), zone: zone)
        let times = schedule.due(after: try instant("2011-12-28T12:00:00Z"), upTo: try instant("2012-01-02T12:00:00Z"))
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Set(times.map { zone.day(of: $0) }).count == times.count)
        #expect(times.map { zone.day(of: $0).description }.contains("2011-12-30") == false)
    }

    @Test func `half-hour summer time and zones far east are right`() throws {
        let lordHowe = try #require(CivilZone("Australia/Lord_Howe"))
        #expect(lordHowe.instant(of: try day("2026-01-15"), secondsAfterMidnight: 0).description == "2026-01-14T13:00:00Z")
        #expect(lordHowe.instant(of: try day("2026-07-15"), secondsAfterMidnight: 0).description == "2026-07-14T13:30:00Z")
        let kiritimati = try #require(CivilZone("Pacific/Kiritimati"))
        #expect(kiritimati.end(of: try day("2026-12-31")).description == "2026-12-31T09:59:59Z")
    }

    @Test func `a day whose clocks go back at midnight ends the second time they show 23:59:59`() throws {
        let cairo = try #require(CivilZone("Africa/Cairo"))
        #expect(cairo.end(of: try day("2024-10-31")).description == "2024-10-31T21:59:59Z")
        #expect(cairo.day(of: cairo.end(of: try day("2024-10-31")) + 1) == (try day("2024-11-01")))
    }

    @Test func `property: every zone of the table turns a day and time into an instant on that day, once a day`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SplitMix(state: seed)
        for code in Marketplace.codes {
            let zone = try #require(Marketplace(code: code).flatMap { CivilZone($0.timeZone) })
            for _ in 0..<200 {
                let day = Day(number: Int32.random(in: 18_000...25_000, using: &random))
                let minutes = Int.random(in: 0..<1440, using: &random)
                let time = try #require(TimeOfDay(hour: minutes / 60, minute: minutes % 60))
                let instant = zone.instant(of: day, at: time)
                #expect(zone.day(of: instant) == day, "\(code) \(day) \(time), seed \(seed)")
                let wall = (instant + Int64(zone.offset(at: instant))).seconds - Int64(day.number) * 86_400
                #expect(wall == Int64(minutes) * 60 || wall == Int64(minutes) * 60 + 3600, "\(code) \(day) \(time), seed \(seed)")
                let schedule = DigestSchedule(at: time, zone: zone)
                #expect(schedule.next(after: instant) == schedule.due(on: day + 1), "\(code) \(day) \(time), seed \(seed)")
                #expect(schedule.last(upTo: instant) == instant, "\(code) \(day) \(time), seed \(seed)")
                #expect(zone.day(of: zone.end(of: day) + 1) == day + 1, "\(code) \(day), seed \(seed)")
            }
        }
    }

    @Test func `a stopped clock stands still and the machine's does not lie`() throws {
        let time = try instant("2026-03-02T06:00:00Z")
        #expect(Clock.stopped(time).now == time)
        #expect(Clock.machine.now.seconds > 1_700_000_000)
    }
}

/// SplitMix64, so that a printed seed gives the same run everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
