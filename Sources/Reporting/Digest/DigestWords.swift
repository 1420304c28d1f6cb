import Trade

/// Everything a digest says of itself, both languages side by side. Texts are mustache templates. What is said of a
/// kind of finding belongs to its rule (`Wording`).
enum DigestWords {
    typealias Both = Wording.Both

    // MARK: Subject line

    static let subject = Both(en: "remitd {{day}}: {{sums}}", zh: "【remitd】{{day}}：{{sums}}")
    static let allClear = Both(en: "all clear", zh: "一切正常")
    static let sum = Both(en: "{{money}} {{what}} ({{count}})", zh: "{{what}} {{money}}（{{count}}）")
    static let countOnly = Both(en: "{{what}} ({{count}})", zh: "{{what}}（{{count}}）")
    static let sumSeparator = Both(en: ", ", zh: "，")
    static let moreSums = Both(en: "{{count}} more kinds", zh: "另有 {{count}} 类")
    static let moneySeparator = Both(en: " + ", zh: " + ")
    /// Short words for the sums; other kinds go by their title.
    static let short: [FindingKind: Both] = [
        .paymentLate: Both(en: "late", zh: "逾期"),
        .paymentShort: Both(en: "short", zh: "短付"),
        .paymentUnmatched: Both(en: "unmatched", zh: "未匹配"),
    ]
    static let shortOwed = Both(en: "owed by us", zh: "我方应付")
    static let shortRefused = Both(en: "refused", zh: "被拒收")
    static let refusedToDo = Both(
        en: "{{count}} refused by the partner: correct and send again, see below", zh: "{{count}} 份单据被对方拒收，须更正后重发，见下")
    static let shortUnknown = Both(en: "cannot tell", zh: "暂无法判断")

    // MARK: Headings

    static let heading = Both(en: "remitd, {{day}}", zh: "remitd 对账日报 {{day}}")
    static let covers = Both(en: "Covers {{from}} to {{to}}.", zh: "本期涵盖{{from}}至{{to}}。")
    static let complete = Both(en: "How complete", zh: "数据更新情况")
    static let toDo = Both(en: "To do today", zh: "今日待办")
    static let nothingToDo = Both(en: "Nothing to do today.", zh: "今日无待办事项。")
    static let owed = Both(en: "Money we owe", zh: "我方应付")
    static let refused = Both(en: "Refused by the partner", zh: "对方拒收的单据")
    static let refusedWhole = Both(en: "Refused", zh: "被拒收")
    static let refusedPart = Both(en: "Refused in part", zh: "部分被拒收")
    static let refusedAction = Both(en: "Correct it and send it again", zh: "更正后重新发送")
    static let refusedSentence = Both(
        en: "{{#type}}{{type}} {{/type}}{{subject}} was not taken ({{answer}}){{#reasons}}: {{reasons}}{{/reasons}}. {{file}}, {{place}}",
        zh: "{{#type}}{{type}} {{/type}}{{subject}} 未被接收（{{answer}}）{{#reasons}}：{{reasons}}{{/reasons}}。{{file}}，{{place}}")
    static let received = Both(en: "Money received", zh: "收到货款")
    static let receivedSince = Both(en: "since {{day}}", zh: "自{{day}}起")
    static let nothingReceived = Both(en: "No remittance came in.", zh: "期间没有收到汇款通知。")
    static let taken = Both(en: "Taken from it", zh: "其中扣款")
    static let nothingTaken = Both(en: "Nothing was taken from it.", zh: "没有扣款。")
    static let news = Both(en: "New and changed", zh: "新增与变动")
    static let nothingNew = Both(en: "Nothing else is new.", zh: "没有其他变动。")
    static let unknown = Both(en: "Cannot tell yet", zh: "暂无法判断是否逾期")
    static let unknownWhy = Both(
        en: "Due, but no remittance data reaches so far: not counted as late.",
        zh: "已到期，但汇款数据尚未覆盖到期日，不计入逾期金额。")
    static let backlog = Both(en: "All that is open", zh: "未结事项汇总")
    static let nothingOpen = Both(en: "Nothing is open.", zh: "没有未结事项。")

    static let colon = Both(en: ": ", zh: "：")
    static let openBracket = Both(en: " (", zh: "（")
    static let closeBracket = Both(en: ")", zh: "）")

    // MARK: How complete

    static let completeUntil = Both(en: "complete until {{day}}", zh: "数据完整至{{day}}")
    static let nothingSince = Both(en: "nothing since {{day}}; figures below are old", zh: "{{day}}之后没有数据，下列数字可能已过时")
    static let nothingEver = Both(
        en: "no remittance so far; nothing can be said of payments", zh: "尚未收到任何汇款通知，付款情况无从判断")
    static let trouble = Both(
        en: "source {{source}}: {{reason}}{{#since}}, since {{since}}{{/since}}",
        zh: "数据源 {{source}}：{{reason}}{{#since}}（自{{since}}起）{{/since}}")
    static let reasons: [String: Both] = [
        "auth": Both(en: "the other side refuses our log-in", zh: "对方拒绝登录，请检查账号或密钥"),
        "permission": Both(en: "we may not read or move its files", zh: "没有读取或移动文件的权限"),
        "network": Both(en: "cannot be reached", zh: "网络无法连接"),
        "host_key": Both(en: "its host key is not the one we know", zh: "服务器主机密钥与登记的不一致"),
        "tls": Both(en: "its certificate is not valid", zh: "服务器证书无效"),
        "format": Both(en: "answers in a form we do not understand", zh: "返回内容的格式无法识别"),
        "remote": Both(en: "reports an error of its own", zh: "对方系统报错"),
        "missing": Both(en: "its folder is not there", zh: "文件夹不存在"),
        "silent": Both(en: "nothing came for longer than expected", zh: "超过预期时间没有新文件"),
        "unsettled": Both(en: "a file has been growing for an hour", zh: "有文件持续写入超过一小时"),
    ]

    // MARK: Blocks

    static let by = Both(en: "by {{day}}", zh: "{{day}}前")
    static let more = Both(
        en: "{{count}} more{{#money}}, {{money}} in all{{/money}}: see the attached table",
        zh: "另有 {{count}} 项{{#money}}，合计 {{money}}{{/money}}，见附件表格")
    static let morePayments = Both(en: "{{count}} more, {{money}} in all", zh: "另有 {{count}} 笔，合计 {{money}}")
    static let happenings: [DigestFinding.Happening: Both] = [
        .new: Both(en: "new", zh: "新增"),
        .changed: Both(en: "changed", zh: "变动"),
        .level: Both(en: "next level", zh: "升级"),
        .told: Both(en: "for your information", zh: "知会"),
        .resolved: Both(en: "settled", zh: "已解决"),
        .unchanged: Both(en: "due today", zh: "今日到期"),
    ]
    static let over = Both(
        en: "{{subject}}{{#amount}}, {{amount}}{{/amount}}: no longer open{{#details.outcome}} ({{details.outcome}}){{/details.outcome}}.",
        zh: "{{subject}}{{#amount}}，{{amount}}{{/amount}}：问题已消除{{#details.outcome}}（{{details.outcome}}）{{/details.outcome}}。")
    static let was = Both(en: "was {{money}}", zh: "原为 {{money}}")
    static let undated = Both(en: "no date", zh: "无日期")

    // MARK: Backlog

    static let kind = Both(en: "Kind", zh: "类别")
    static let open = Both(en: "Open", zh: "未结")
    static let change = Both(en: "Change", zh: "增减")
    static let amount = Both(en: "Amount", zh: "金额")
    static let unchanged = Both(en: "same", zh: "持平")
    static let ofTheseUnknown = Both(en: "of these cannot tell yet", zh: "其中暂无法判断")
    static let elsewhere = Both(en: "of these counted with another finding", zh: "其中金额已计入其他事项")

    // MARK: End

    static let attached = Both(
        en: "All open findings are in the attached {{file}}. In full: remitd findings",
        zh: "全部未结事项见附件 {{file}}。完整清单：remitd findings")

    /// For what remitd notices of its own sources and of itself: no rule of trade has words for it.
    static let own: [FindingKind: Wording] = [
        .sourceFailing: Wording(
            title: Both(en: "Source failing", zh: "数据源故障"),
            sentence: Both(
                en: "Source {{subject}}: {{details.class}}{{^details.class}}fails{{/details.class}}.",
                zh: "数据源 {{subject}}：{{details.class}}{{^details.class}}无法取数{{/details.class}}。"),
            action: Both(en: "Mend source {{subject}}: remitd check shows the step", zh: "修复数据源 {{subject}}，可运行 remitd check 定位")),
        .sourceSilent: Wording(
            title: Both(en: "Source silent", zh: "数据源无新文件"),
            sentence: Both(en: "Nothing came from {{subject}} for longer than expected.", zh: "{{subject}} 超过预期时间没有新文件。"),
            action: Both(en: "Ask the sender whether a file is missing", zh: "向对方确认是否漏发文件")),
        .sourceUnsettled: Wording(
            title: Both(en: "File still growing", zh: "文件未写完"),
            sentence: Both(en: "{{subject}}: a file has been growing for an hour.", zh: "{{subject}}：有文件持续写入超过一小时。"),
            action: Both(en: "Look at the file and its sender", zh: "检查该文件及其发送方")),
        .serviceTrouble: Wording(
            title: Both(en: "remitd itself", zh: "remitd 自身故障"),
            sentence: Both(
                en: "{{subject}}{{#details.reason}}: {{details.reason}}{{/details.reason}}",
                zh: "{{subject}}{{#details.reason}}：{{details.reason}}{{/details.reason}}"),
            action: Both(en: "Look at the service: remitd status", zh: "检查服务状态：remitd status")),
        .fileAccount: Wording(
            title: Both(en: "File for which account?", zh: "文件归属待确认"),
            sentence: Both(
                en: "{{subject}} does not fit account {{account}} and is held, not booked.",
                zh: "{{subject}} 与账户 {{account}} 不符，已暂存，未入账。"),
            action: Both(en: "Say where it belongs: remitd case", zh: "确认归属账户：remitd case")),
    ]

    /// For kinds that no rule has words for.
    static func plain(_ kind: FindingKind) -> Wording {
        Wording(
            title: Both(en: kind.rawValue, zh: kind.rawValue),
            sentence: Both(en: "{{kind}}: {{subject}}", zh: "{{kind}}：{{subject}}"),
            action: Both(en: "Look into it", zh: "请核查"))
    }

    static let classes: [DeductionClass: Both] = [
        .shortage: Both(en: "shortage", zh: "数量短缺"),
        .price: Both(en: "price difference", zh: "价格差异"),
        .return: Both(en: "returns", zh: "退货"),
        .chargeback: Both(en: "chargebacks", zh: "违规罚款"),
        .coop: Both(en: "co-op and allowances", zh: "合作费用（Co-op）及返利"),
        .freight: Both(en: "freight", zh: "运费"),
        .damage: Both(en: "damage", zh: "残损"),
        .discount: Both(en: "cash discount", zh: "现金折扣"),
        .tax: Both(en: "tax withheld", zh: "预扣税"),
        .other: Both(en: "other", zh: "其他扣款"),
    ]

    /// Other words of the contract in a finding's details, by member.
    static let codes: [String: [String: Both]] = [
        "contradiction": [
            "receipts": Both(en: "by our receipts nothing more is missing", zh: "按收货记录，没有更多短缺"),
            "delivery": Both(en: "by proofs of delivery nothing more is missing", zh: "按签收证明，没有更多短缺"),
            "price": Both(en: "the invoice is not above the order's price", zh: "开票价不高于订单价"),
            "return": Both(en: "no such return is on file", zh: "系统中没有这笔退货"),
            "invoice": Both(en: "the invoice that it names is not on file", zh: "系统中没有它所指的发票"),
            "order": Both(en: "the order that it names is not on file", zh: "系统中没有它所指的订单"),
            "final_document": Both(en: "its round was closed, and the final document did not come", zh: "该轮索赔已关闭，但未收到最终单据"),
        ],
        "side": [
            "short": Both(en: "short", zh: "少收"),
            "unbilled": Both(en: "not billed", zh: "未开票"),
        ],
        "reason": [
            "discount_unearned": Both(en: "discount not earned, told by itself", zh: "不应享折扣（另列）"),
            "memo_taken_twice": Both(en: "of our memos taken twice", zh: "贷项重复扣除"),
        ],
        "outcome": [
            "disputed": Both(en: "disputed", zh: "已申诉"),
            "reversed": Both(en: "reversed", zh: "已冲回"),
            "accepted": Both(en: "accepted", zh: "已接受"),
            "expired": Both(en: "expired", zh: "已过期"),
        ],
    ]

    /// The attached table's captions, in the order of its columns.
    static let columns: [Both] = [
        Both(en: "Account", zh: "账户"), Both(en: "Kind", zh: "类别"), Both(en: "Reference", zh: "单号"),
        Both(en: "Owed by", zh: "付款方"), Both(en: "Currency", zh: "币种"), Both(en: "Amount", zh: "金额"),
        Both(en: "Counted in totals", zh: "计入合计金额"), Both(en: "Cannot tell", zh: "暂无法判断"), Both(en: "Due", zh: "到期日"),
        Both(en: "Days late", zh: "逾期天数"), Both(en: "Deadline", zh: "处理期限"), Both(en: "Open since", zh: "发现日期"),
        Both(en: "Since last digest", zh: "较上期"), Both(en: "What is wrong", zh: "问题"), Both(en: "What to do", zh: "处理建议"),
        Both(en: "File", zh: "来源文件"), Both(en: "Place", zh: "位置"), Both(en: "Finding", zh: "事项编号"),
        Both(en: "Kind (code)", zh: "类别代码"),
    ]
    static let owedToUs = Both(en: "customer", zh: "客户")
    static let owedByUs = Both(en: "us", zh: "我方")
    static let yes = Both(en: "yes", zh: "是")
}
