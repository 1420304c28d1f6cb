/// Names of months in the languages of Amazon's marketplaces (CLDR 44, wide and abbreviated, format and stand-alone), and English.
///
/// No name means two months in two of them, so a name says its month whatever the marketplace.
enum MonthNames {
    /// - Parameter word: lower case and folded (`PlainCharacter.folded`): `aout` for `août`.
    static func month(_ word: String) -> Int? { byName[word] }

    private static let byName: [String: Int] = {
        var months: [String: Int] = [:]
        for list in lists {
            for (index, names) in list.split(separator: " ").enumerated() {
                for name in names.split(separator: "/") { months[String(name)] = index + 1 }
            }
        }
        return months
    }()

    private static let lists: [String] = [
        // English
        "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct november/nov "
            + "december/dec",
        // German, Austrian January too
        "januar/jan/janner/jaenner februar/feb marz/mar/mrz/maerz april/apr mai juni/jun juli/jul august/aug september/sep/sept "
            + "oktober/okt november/nov dezember/dez",
        // French
        "janvier/janv/jan fevrier/fevr/fev mars avril/avr mai juin juillet/juil aout/aou septembre/sept/sep octobre/oct novembre/nov "
            + "decembre/dec",
        // Italian
        "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett ottobre/ott "
            + "novembre/nov dicembre/dic",
        // Spanish
        "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sep/sept/set octubre/oct "
            + "noviembre/nov diciembre/dic",
        // Dutch
        "januari/jan februari/feb maart/mrt/mar april/apr mei juni/jun juli/jul augustus/aug september/sep/sept oktober/okt november/nov "
            + "december/dec",
        // Swedish
        "januari/jan februari/feb/febr mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep/sept oktober/okt november/nov "
            + "december/dec",
        // Polish, with the genitive that stands in dates
        "styczen/stycznia/sty luty/lutego/lut marzec/marca/mar kwiecien/kwietnia/kwi maj/maja czerwiec/czerwca/cze lipiec/lipca/lip "
            + "sierpien/sierpnia/sie wrzesien/wrzesnia/wrz pazdziernik/pazdziernika/paz listopad/listopada/lis grudzien/grudnia/gru",
        // Turkish
        "ocak/oca subat/sub mart/mar nisan/nis mayis/may haziran/haz temmuz/tem agustos/agu eylul/eyl ekim/eki kasim/kas aralik/ara",
        // Portuguese
        "janeiro/jan fevereiro/fev marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out novembro/nov "
            + "dezembro/dez",
        // Arabic
        "\u{64A}\u{646}\u{627}\u{64A}\u{631} \u{641}\u{628}\u{631}\u{627}\u{64A}\u{631} \u{645}\u{627}\u{631}\u{633} "
            + "\u{623}\u{628}\u{631}\u{64A}\u{644}/\u{627}\u{628}\u{631}\u{64A}\u{644} \u{645}\u{627}\u{64A}\u{648} "
            + "\u{64A}\u{648}\u{646}\u{64A}\u{648} \u{64A}\u{648}\u{644}\u{64A}\u{648} \u{623}\u{63A}\u{633}\u{637}\u{633} "
            + "\u{633}\u{628}\u{62A}\u{645}\u{628}\u{631} \u{623}\u{643}\u{62A}\u{648}\u{628}\u{631} "
            + "\u{646}\u{648}\u{641}\u{645}\u{628}\u{631} \u{62F}\u{64A}\u{633}\u{645}\u{628}\u{631}",
    ]
}

/// Time zones by the abbreviations that reports write.
enum ZoneNames {
    enum Zone: Equatable {
        /// Seconds east of UTC.
        case offset(Int)
        /// One name of several zones (China and Chicago, India and Ireland): a time in it has a day and no instant.
        case several
    }

    static func zone(_ word: String) -> Zone? {
        if let hours = hours[word] { return .offset(hours * 3600) }
        return several.contains(word) ? .several : nil
    }

    private static let several: Set<String> = ["ist", "ast", "gst", "cst"]

    private static let hours: [String: Int] = [
        "z": 0, "utc": 0, "gmt": 0, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cdt": -5, "est": -5, "edt": -4, "jst": 9,
        "bst": 1, "wet": 0, "west": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "trt": 3,
        "aest": 10, "aedt": 11, "brt": -3, "sgt": 8,
    ]
}
