extension Layout {
    /// The layouts that come with remitd. Vendor Central's remittance export has a reader of its own.
    public static let builtIn: [Layout] = vendorCentral + plain
}
