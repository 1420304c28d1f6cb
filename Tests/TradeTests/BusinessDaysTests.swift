import Testing
import Trade

@Suite struct BusinessDaysTests {
    /// Sakamoto's table (2 is the day of the week of the year's start in it), written apart from `Day`.
    private func weekday(_ year: Int, _ month: Int, _ day: Int) -> Weekday {
        let table = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let y = month < 3 ? year - 1 : year
        return [.sunday, .monday, .tuesday, .wednesday, .thursday, .friday, .saturday][
            (y + y / 4 - y / 100 + y / 400 + table[month - 1] + day) % 7]
    }

    @Test func `weekdays and month ends are those of another calendar, from 1900 to 2199`() throws {
        var expected = try #require(Day(year: 1900, month: 1, day: 1))
        for year in 1900...2199 {
            for month in 1...12 {
                let isLeap = ((year % 4 == 0) != (year % 100 == 0)) != (year % 400 == 0)
                let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
                for number in 1...length {
                    let day = try #require(Day(year: year, month: month, day: number))
                    #expect(day == expected)
                    #expect(day.weekday == weekday(year, month, number))
                    if number == 1 || number == length { #expect(day.endOfMonth == day + (length - number)) }
                    expected = expected + 1
                }
                #expect(Day(year: year, month: month, day: length + 1) == nil)
            }
        }
    }

    private func day(_ iso: String) -> Day { Day(iso: iso) ?? Day(number: 0) }

    @Test(arguments: [
        // 2026-12-24 is a Thursday; Friday is a holiday, then the weekend
        (BusinessDays.Shift.next, "2026-12-24", "2026-12-24"), (.next, "2026-12-25", "2026-12-28"), (.next, "2026-12-27", "2026-12-28"),
        (.previous, "2026-12-27", "2026-12-24"), (.previous, "2026-12-25", "2026-12-24"), (.previous, "2026-12-28", "2026-12-28"),
        (.none, "2026-12-27", "2026-12-27"),
        // over the end of a leap February and of a year
        (.next, "2020-02-29", "2020-03-02"), (.previous, "2020-03-01", "2020-02-28"), (.previous, "2023-01-01", "2022-12-30"),
    ])
    func `a day moves over weekends and holidays`(shift: BusinessDays.Shift, from: String, to: String) {
        #expect(BusinessDays(shift: shift, holidays: [day("2026-12-25")]).shifted(day(from)) == day(to))
    }

    @Test func `a weekend is what it is said to be, and without any business day nothing moves`() {
        let riyadh = BusinessDays(shift: .next, weekend: [.friday, .saturday])
        #expect(riyadh.shifted(day("2026-12-25")) == day("2026-12-27"))
        #expect(riyadh.shifted(day("2026-12-27")) == day("2026-12-27"))
        let never = BusinessDays(shift: .previous, weekend: Set(Weekday.allCases))
        #expect(never.shifted(day("2026-12-25")) == day("2026-12-25"))
    }
}
