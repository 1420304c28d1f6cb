// swift-tools-version: 6.2
import PackageDescription

// Apart from the product's package, so that measuring adds nothing to what is built and shipped.
let package = Package(
    name: "Benchmarks",
    targets: [
        .executableTarget(
            name: "workload",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ])
    ]
)
