import Formats
import Ledger
import Logging
import struct Trade.Invoice

#if canImport(Glibc)
    import Glibc
#endif
