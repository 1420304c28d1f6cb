// swift-tools-version: 6.2
import PackageDescription

// A house in miniature for scripts/test-lint: never built, only dumped and read. As it stands it breaks one rule:
// Ledger imports a library that is not declared for it.
let package = Package(
    name: "house",
    dependencies: [
        .package(url: "https://example.invalid/GRDB.swift", exact: "1.0.0"),
        .package(url: "https://example.invalid/swift-log", exact: "1.0.0"),
        .package(url: "https://example.invalid/Yams", exact: "1.0.0"),
    ],
    targets: [
        .target(name: "Trade"),
        .target(name: "Formats", dependencies: ["Trade"]),
        .target(name: "Ledger", dependencies: ["Trade"]),
        .target(
            name: "Daemon",
            dependencies: ["Trade", "Formats", "Ledger", .product(name: "Logging", package: "swift-log")]),
    ]
)
