#include "shared.h"

#include <link.h>

#include <cstring>

#include "scheduler.h"

namespace cuda_cpu {
__thread unsigned char dynamic_shared[max_dynamic_shared] __attribute__((aligned(128)));

SharedRegion shared_region() {
    SharedRegion region{nullptr, 0};
    dl_iterate_phdr(
        [](dl_phdr_info* object, size_t, void* found) {
            for (int i = 0; i < object->dlpi_phnum; ++i) {
                if (object->dlpi_phdr[i].p_type != PT_TLS) continue;
                *static_cast<SharedRegion*>(found) = {static_cast<unsigned char*>(object->dlpi_tls_data),
                                                      object->dlpi_phdr[i].p_memsz};
            }
            return 1;  // The program itself comes first, and is all that matters.
        },
        &region);
    return region;
}

void spoil_shared(const SharedRegion& region, size_t dynamic_bytes) {
    unsigned char* const dynamic = dynamic_shared;
    unsigned char* const after = dynamic + max_dynamic_shared;
    memset(region.low, 0xff, static_cast<size_t>(dynamic - region.low));
    memset(dynamic, 0xff, dynamic_bytes);
    memset(after, 0xff, static_cast<size_t>(region.low + region.bytes - after));
}
}  // namespace cuda_cpu
