/// What holds for every container.
public enum Containers {
    /// How deep containers may lie in one another: a mail with an archive with a compressed file is 3. What lies deeper is refused.
    public static let depth = 3
}
