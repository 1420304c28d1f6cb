// One instruction that Swift has no name for: a bit for each of sixteen bytes. Only where it exists; elsewhere `ByteBlock` folds by hand.
#pragma once
#if defined(__SSE2__)
typedef unsigned char remitd_lanes __attribute__((ext_vector_type(16)));

// The highest bit of each byte, the first byte's lowest (PMOVMSKB).
static inline __attribute__((always_inline)) unsigned int remitd_high_bits(remitd_lanes lanes) {
    typedef char bytes __attribute__((vector_size(16)));
    return (unsigned int)__builtin_ia32_pmovmskb128((bytes)lanes);
}
#endif
