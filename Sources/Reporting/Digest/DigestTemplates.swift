/// The layouts of a digest's two parts, the same for both languages. Values come escaped for the part they go into
/// (`Presentation.html`), and nothing is escaped here; partials are not used, since they would switch escaping on.
enum DigestTemplates {
    static let text = #"""
        {{heading}}
        {{#covers}}
        {{covers}}
        {{/covers}}

        --- {{words.complete}} ---
        {{#accounts}}
        {{#isOld}}! {{/isOld}}{{^isOld}}  {{/isOld}}{{id}}{{words.colon}}{{state}}
        {{#troubles}}
        !   {{.}}
        {{/troubles}}
        {{/accounts}}

        --- {{words.toDo}}{{#due.count}}{{words.openBracket}}{{due.count}}{{words.closeBracket}}{{/due.count}}{{#due.total}}{{words.colon}}{{due.total}}{{/due.total}} ---
        {{#refusedToDo}}
        * {{refusedToDo}}
        {{/refusedToDo}}
        {{^refusedToDo}}
        {{^due.blocks}}
          {{words.nothingToDo}}
        {{/due.blocks}}
        {{/refusedToDo}}
        {{#due.blocks}}
        * {{#money}}{{money}}  {{/money}}{{subject}}{{#account}} | {{account}}{{/account}}{{#deadline}} | {{deadline}}{{/deadline}}
          -> {{action}}
        {{#reasons}}
             [{{mark}}] {{sentence}}
        {{/reasons}}
        {{/due.blocks}}
        {{#due.more}}
          … {{due.more}}
        {{/due.more}}
        {{#refused}}

        --- {{words.refused}}{{words.openBracket}}{{count}}{{words.closeBracket}} ---
        {{#blocks}}
        * {{subject}} | {{account}}
          -> {{action}}
        {{#reasons}}
             [{{mark}}] {{sentence}}
        {{/reasons}}
        {{/blocks}}
        {{#more}}
          … {{more}}
        {{/more}}
        {{/refused}}
        {{#owed}}

        --- {{words.owed}}{{#total}}{{words.colon}}{{total}}{{/total}} ---
        {{#blocks}}
        * {{#money}}{{money}}  {{/money}}{{subject}}{{#account}} | {{account}}{{/account}}{{#deadline}} | {{deadline}}{{/deadline}}
          -> {{action}}
        {{#reasons}}
             [{{mark}}] {{sentence}}
        {{/reasons}}
        {{/blocks}}
        {{#more}}
          … {{more}}
        {{/more}}
        {{/owed}}

        --- {{words.received}}{{#received.since}} {{received.since}}{{/received.since}}{{#received.total}}{{words.colon}}{{received.total}}{{/received.total}} ---
        {{^received.payments}}
          {{words.nothingReceived}}
        {{/received.payments}}
        {{#received.payments}}
          {{money}}  {{number}} | {{account}} | {{date}}
        {{/received.payments}}
        {{#received.more}}
          … {{received.more}}
        {{/received.more}}
        {{#received.showsTaken}}
          {{words.taken}}{{#received.takenTotal}}{{words.colon}}{{received.takenTotal}}{{/received.takenTotal}}
        {{#received.taken}}
            {{money}}  {{reason}}{{#account}} | {{account}}{{/account}}
        {{/received.taken}}
        {{^received.taken}}
            {{words.nothingTaken}}
        {{/received.taken}}
        {{/received.showsTaken}}

        --- {{words.news}} ---
        {{^news.blocks}}
          {{words.nothingNew}}
        {{/news.blocks}}
        {{#news.blocks}}
        * {{subject}}{{#account}} | {{account}}{{/account}}{{#money}}  {{money}}{{/money}}
        {{#reasons}}
             [{{mark}}] {{sentence}}
        {{/reasons}}
        {{/news.blocks}}
        {{#news.more}}
          … {{news.more}}
        {{/news.more}}
        {{#unknown}}

        --- {{words.unknown}}{{#total}}{{words.colon}}{{total}}{{/total}} ---
          {{words.unknownWhy}}
        {{#blocks}}
        * {{#money}}{{money}}  {{/money}}{{subject}}{{#account}} | {{account}}{{/account}}
        {{#reasons}}
             [{{mark}}] {{sentence}}
        {{/reasons}}
        {{/blocks}}
        {{#more}}
          … {{more}}
        {{/more}}
        {{/unknown}}

        --- {{words.backlog}} ---
        {{^backlog}}
          {{words.nothingOpen}}
        {{/backlog}}
        {{#backlog}}
          {{title}}{{words.colon}}{{count}}{{#change}} ({{change}}){{/change}}{{#money}}  {{money}}{{/money}}
        {{#unknownCount}}
            {{words.ofTheseUnknown}}{{words.colon}}{{unknownCount}}  {{unknownMoney}}
        {{/unknownCount}}
        {{#elsewhereCount}}
            {{words.elsewhere}}{{words.colon}}{{elsewhereCount}}  {{elsewhereMoney}}
        {{/elsewhereCount}}
        {{/backlog}}

        --
        {{attached}}

        """#

    private static let fonts =
        "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'PingFang SC','Hiragino Sans GB','Microsoft YaHei',"
        + "'Noto Sans CJK SC','Noto Sans SC',Helvetica,Arial,sans-serif"
    private static let h2 = "margin:26px 0 6px;padding:0 0 4px;font-size:16px;line-height:1.3;border-bottom:2px solid #8a8f98"
    private static let table =
        #"role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;width:100%""#
    private static let left = "padding:8px 10px 8px 0;vertical-align:top;border-bottom:1px solid #a9adb4;overflow-wrap:anywhere"
    private static let right =
        "padding:8px 0;vertical-align:top;text-align:right;border-bottom:1px solid #a9adb4;font-variant-numeric:tabular-nums"
    private static let small = "font-size:13px;color:#767b84"
    private static let alert = "color:#d0342c"

    private static let mark = "white-space:nowrap;border:1px solid #8a8f98;border-radius:3px;padding:0 4px;font-size:12px"
    private static let top = "padding:9px 10px 0 0;vertical-align:top;overflow-wrap:anywhere"
    private static let topRight = "padding:9px 0 0;vertical-align:top;text-align:right;font-variant-numeric:tabular-nums"
    private static let below = "padding:2px 0 9px;border-bottom:1px solid #a9adb4;overflow-wrap:anywhere"

    /// Two rows: reference and money, then across both what to do and why.
    private static let blockRow = #"""
        <tr><td style="\#(top)"><b>{{subject}}</b>{{#account}} <span style="\#(small)">{{account}}</span>{{/account}}</td>
        <td style="\#(topRight)">{{#money}}<b style="white-space:nowrap">{{money}}</b>{{/money}}</td></tr>
        <tr><td colspan="2" style="\#(below)">
        {{#action}}
        <div>&#8594; {{action}}{{#deadline}} <b style="white-space:nowrap{{#isNear}};\#(alert){{/isNear}}">{{deadline}}</b>{{/deadline}}</div>
        {{/action}}
        {{#reasons}}
        <div style="margin-top:2px;\#(small)"><span style="\#(mark)">{{mark}}</span> {{sentence}}</div>
        {{/reasons}}
        </td></tr>

        """#
    private static let moreRow = #"""
        <tr><td colspan="2" style="padding:8px 0;\#(small)">{{more}}</td></tr>
        """#

    static let html = #"""
        <!DOCTYPE html>
        <html lang="{{lang}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>{{title}}</title>
        <style>:root{color-scheme:light dark}</style>
        </head>
        <body style="margin:0;padding:0;-webkit-text-size-adjust:100%">
        <div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px">{{preheader}}</div>
        <div style="max-width:640px;margin:0 auto;padding:16px;font-family:\#(fonts);font-size:15px;line-height:1.5">
        <h1 style="margin:0;font-size:19px;line-height:1.3">{{heading}}</h1>
        {{#covers}}
        <div style="\#(small)">{{covers}}</div>
        {{/covers}}

        <h2 style="\#(h2)">{{words.complete}}</h2>
        {{#accounts}}
        <div style="padding:3px 0;overflow-wrap:anywhere"><b>{{id}}</b>&ensp;{{#isOld}}<span style="\#(alert)">{{state}}</span>{{/isOld}}{{^isOld}}{{state}}{{/isOld}}</div>
        {{#troubles}}
        <div style="padding:0 0 3px 14px;\#(alert);overflow-wrap:anywhere">{{.}}</div>
        {{/troubles}}
        {{/accounts}}

        <h2 style="\#(h2)">{{words.toDo}}{{#due.count}}{{words.openBracket}}{{due.count}}{{words.closeBracket}}{{/due.count}}{{#due.total}}<span style="font-weight:normal">&ensp;{{due.total}}</span>{{/due.total}}</h2>
        {{#refusedToDo}}
        <div style="padding:4px 0">{{refusedToDo}}</div>
        {{/refusedToDo}}
        {{^refusedToDo}}
        {{^due.blocks}}
        <div style="padding:4px 0">{{words.nothingToDo}}</div>
        {{/due.blocks}}
        {{/refusedToDo}}
        <table \#(table)>
        {{#due.blocks}}
        \#(blockRow)
        {{/due.blocks}}
        {{#due.more}}
        <tr><td colspan="2" style="padding:8px 0;\#(small)">{{due.more}}</td></tr>
        {{/due.more}}
        </table>
        {{#refused}}

        <h2 style="\#(h2)">{{words.refused}}{{words.openBracket}}{{count}}{{words.closeBracket}}</h2>
        <table \#(table)>
        {{#blocks}}
        \#(blockRow)
        {{/blocks}}
        {{#more}}
        \#(moreRow)
        {{/more}}
        </table>
        {{/refused}}
        {{#owed}}

        <h2 style="\#(h2)">{{words.owed}}{{#total}}<span style="font-weight:normal">&ensp;{{total}}</span>{{/total}}</h2>
        <table \#(table)>
        {{#blocks}}
        \#(blockRow)
        {{/blocks}}
        {{#more}}
        \#(moreRow)
        {{/more}}
        </table>
        {{/owed}}

        <h2 style="\#(h2)">{{words.received}}{{#received.since}} <span style="font-weight:normal;\#(small)">{{received.since}}</span>{{/received.since}}{{#received.total}}<span style="font-weight:normal">&ensp;{{received.total}}</span>{{/received.total}}</h2>
        {{^received.payments}}
        <div style="padding:4px 0">{{words.nothingReceived}}</div>
        {{/received.payments}}
        <table \#(table)>
        {{#received.payments}}
        <tr><td style="\#(left)">{{number}} <span style="\#(small)">{{account}} · {{date}}</span></td><td style="\#(right);white-space:nowrap">{{money}}</td></tr>
        {{/received.payments}}
        {{#received.more}}
        <tr><td colspan="2" style="padding:8px 0;\#(small)">{{received.more}}</td></tr>
        {{/received.more}}
        {{#received.showsTaken}}
        <tr><td style="\#(left);padding-top:12px"><b>{{words.taken}}</b>{{^received.taken}} <span style="\#(small)">{{words.nothingTaken}}</span>{{/received.taken}}</td><td style="\#(right);padding-top:12px"><b>{{received.takenTotal}}</b></td></tr>
        {{#received.taken}}
        <tr><td style="\#(left);padding-left:14px">{{reason}}{{#account}} <span style="\#(small)">{{account}}</span>{{/account}}</td><td style="\#(right);white-space:nowrap">{{money}}</td></tr>
        {{/received.taken}}
        {{/received.showsTaken}}
        </table>

        <h2 style="\#(h2)">{{words.news}}</h2>
        {{^news.blocks}}
        <div style="padding:4px 0">{{words.nothingNew}}</div>
        {{/news.blocks}}
        <table \#(table)>
        {{#news.blocks}}
        \#(blockRow)
        {{/news.blocks}}
        {{#news.more}}
        <tr><td colspan="2" style="padding:8px 0;\#(small)">{{news.more}}</td></tr>
        {{/news.more}}
        </table>
        {{#unknown}}

        <h2 style="\#(h2)">{{words.unknown}}{{#total}}<span style="font-weight:normal">&ensp;{{total}}</span>{{/total}}</h2>
        <div style="\#(small)">{{words.unknownWhy}}</div>
        <table \#(table)>
        {{#blocks}}
        \#(blockRow)
        {{/blocks}}
        {{#more}}
        \#(moreRow)
        {{/more}}
        </table>
        {{/unknown}}

        <h2 style="\#(h2)">{{words.backlog}}</h2>
        {{^backlog}}
        <div style="padding:4px 0">{{words.nothingOpen}}</div>
        {{/backlog}}
        <table \#(table)>
        {{#backlog}}
        <tr><td style="\#(left)">{{title}}</td><td style="\#(right);white-space:nowrap;padding-right:10px"><b>{{count}}</b>{{#change}} <span style="\#(small)">{{change}}</span>{{/change}}</td><td style="\#(right)">{{#money}}{{money}}{{/money}}</td></tr>
        {{#unknownCount}}
        <tr><td style="\#(left);padding-left:14px;\#(small)">{{words.ofTheseUnknown}}</td><td style="\#(right);padding-right:10px;\#(small)">{{unknownCount}}</td><td style="\#(right);\#(small)">{{unknownMoney}}</td></tr>
        {{/unknownCount}}
        {{#elsewhereCount}}
        <tr><td style="\#(left);padding-left:14px;\#(small)">{{words.elsewhere}}</td><td style="\#(right);padding-right:10px;\#(small)">{{elsewhereCount}}</td><td style="\#(right);\#(small)">{{elsewhereMoney}}</td></tr>
        {{/elsewhereCount}}
        {{/backlog}}
        </table>

        <div style="margin-top:22px;\#(small);overflow-wrap:anywhere">{{attached}}</div>
        </div>
        </body>
        </html>

        """#
}
