// swift-tools-version: 6.2
import PackageDescription

// One set of rules for every target of ours. Warnings are errors; the upcoming features make
// existentials, imports and member visibility explicit, so that a dependency can be read off a file's head.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "remitd",
    products: [
        .executable(name: "remitd", targets: ["remitd"])
    ],
    dependencies: [
        // exact: Package.resolved is not committed, so the manifest alone decides what is built
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CCrypto", path: "Sources/System/CCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CLibSSH2", path: "Sources/System/CLibSSH2", pkgConfig: "libssh2",
            providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(
            name: "CLibZip", path: "Sources/System/CLibZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/System/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CExpat", path: "Sources/System/CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(
            name: "CLibXML2", path: "Sources/System/CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(
            name: "CGMime", path: "Sources/System/CGMime", pkgConfig: "gmime-3.0", providers: [.apt(["libgmime-3.0-dev"])]),
        .systemLibrary(name: "CLanes", path: "Sources/System/CLanes"),
        .target(name: "Trade", swiftSettings: house),
        .target(
            name: "Formats", dependencies: ["Trade", "CLanes", "CLibZip", "CZlib", "CExpat", "CLibXML2", "CGMime"], swiftSettings: house),
        .target(name: "SFTP", dependencies: ["CLibSSH2"], swiftSettings: house),
        .target(name: "Intake", dependencies: ["Trade", "SFTP", "CCrypto"], swiftSettings: house),
        .target(
            name: "Ledger",
            dependencies: [
                "Trade",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: house),
        .target(name: "Reconciliation", dependencies: ["Trade"], swiftSettings: house),
        .target(
            name: "Reporting",
            dependencies: [
                "Trade",
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: house),
        .target(
            name: "Daemon",
            dependencies: [
                "Trade", "Formats", "Intake", "Ledger", "Reconciliation", "Reporting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: house),
        .executableTarget(
            name: "remitd",
            dependencies: [
                "Daemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house),
        // real servers and faults on the way, for tests alone
        .target(name: "Servers", path: "Tests/Support/Servers", swiftSettings: house),
        // random numbers that a seed repeats on every machine
        .target(name: "Seeds", path: "Tests/Support/Seeds", swiftSettings: house),
        .testTarget(name: "TradeTests", dependencies: ["Trade"], swiftSettings: house),
        .testTarget(
            name: "FormatsTests", dependencies: ["Formats", "Trade", "CZlib"], exclude: ["Samples", "Crashers"], swiftSettings: house),
        .testTarget(name: "SFTPTests", dependencies: ["SFTP", "Servers"], swiftSettings: house),
        .testTarget(name: "IntakeTests", dependencies: ["Intake", "SFTP", "Trade", "Servers"], swiftSettings: house),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Ledger", "Reconciliation", "Intake", "Trade",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: house),
        .testTarget(name: "ReconciliationTests", dependencies: ["Reconciliation", "Trade"], swiftSettings: house),
        .testTarget(
            name: "WorldTests", dependencies: ["Ledger", "Reconciliation", "Intake", "Trade", "Seeds"], swiftSettings: house),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "Trade"], exclude: ["Golden"], swiftSettings: house),
        .testTarget(
            name: "DaemonTests",
            dependencies: ["Daemon", "Formats", "Intake", "Ledger", "Reporting", "Trade", .product(name: "Logging", package: "swift-log")],
            swiftSettings: house),
    ]
)
