import Trade

/// When an order wants its goods shipped and delivered: the windows that date qualifiers (element 374) add up to.
///
/// | window | not before | not after | on the day, if neither bound is stated |
/// |---|---|---|---|
/// | ship | 037, 081 | 038, 084 | 010, 068, 079, 118 |
/// | delivery | 064, 071 | 063, 074, 061 | 002, 067, 069, 017; 106 as a last day |
///
/// 001 (cancel after) ends the shipping, or the delivery in a document that speaks only of delivery, where no other last day is stated.
struct OrderDays: Equatable {
    private struct Bound: Equatable {
        var from: Day?
        var to: Day?
        var on: DayWindow?

        var window: DayWindow? {
            let window = DayWindow(from: from ?? on?.from, to: to ?? on?.to)
            return window == DayWindow() ? nil : window
        }
    }
    private var shipping = Bound()
    private var arriving = Bound()
    private var cancelAfter: Day?

    var ship: DayWindow? {
        var bound = shipping
        let isShipping = bound != Bound() || arriving == Bound()
        if isShipping, let cancelAfter, bound.to == nil { bound.to = cancelAfter }
        return bound.window
    }

    var delivery: DayWindow? {
        var bound = arriving
        if bound != Bound(), shipping == Bound(), let cancelAfter, bound.to == nil { bound.to = cancelAfter }
        return bound.window
    }

    /// The first day of each kind counts.
    mutating func add(_ qualifier: String, _ days: DayWindow) {
        switch qualifier {
        case "037", "081": shipping.from = shipping.from ?? days.from
        case "038", "084": shipping.to = shipping.to ?? days.to
        case "010", "068", "079", "118": shipping.on = shipping.on ?? days
        case "064", "071": arriving.from = arriving.from ?? days.from
        case "063", "074", "061": arriving.to = arriving.to ?? days.to
        case "106": arriving.to = arriving.to ?? days.to
        case "002", "067", "069", "017": arriving.on = arriving.on ?? days
        case "001": cancelAfter = cancelAfter ?? days.to
        default: return
        }
    }
}
