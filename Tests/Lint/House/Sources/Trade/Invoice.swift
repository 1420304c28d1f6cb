public struct Invoice {}
