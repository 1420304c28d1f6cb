extension SFTPInbox {
    /// What the machine's SSH library is and can do, a line each, for `remitd check`.
    public static var library: [String] { [] }

    public func trust(_ key: PresentedHostKey) throws(SourceFailure) {}
}
