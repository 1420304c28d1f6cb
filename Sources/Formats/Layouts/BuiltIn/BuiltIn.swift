extension Layout {
    /// The layouts that come with remitd.
    public static let builtIn: [Layout] = []
}
