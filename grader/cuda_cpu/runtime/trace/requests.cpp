#include "requests.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace cuda_cpu::trace {
namespace {
constexpr unsigned int most_sites = 4096;
constexpr unsigned int warps = max_threads / warp_lanes;
// Of one warp at one place between two barriers; what comes after is not grouped into requests.
constexpr unsigned int most_pending = 16384;
constexpr unsigned int sector = 32;
constexpr unsigned int banks = 32;

struct Request {
    uint32_t lanes = 0;
    uintptr_t address[warp_lanes];
};

struct Pending {
    uint32_t times[warp_lanes] = {};
    std::vector<Request> requests;
    size_t used = 0;
};

auto& sites = *new std::vector<Site>;
auto& pending = *new std::vector<std::unique_ptr<Pending>>(warps * most_sites);
auto& touched = *new std::vector<std::vector<unsigned int>>(warps);
Traffic since;
uint32_t table[2 * most_sites];  // Place -> site plus one, open addressing.

unsigned int site_of(Place place, unsigned int size, bool shared, bool writes) {
    const uint32_t key = place * 4 + shared * 2 + writes;
    for (unsigned int at = key * 2654435761u >> 19;; ++at) {
        uint32_t& slot = table[at % (2 * most_sites)];
        if (slot == 0) {
            if (sites.size() == most_sites) return most_sites;
            sites.push_back({place, shared, writes, size, {}});
            slot = static_cast<uint32_t>(sites.size());
            return slot - 1;
        }
        const Site& found = sites[slot - 1];
        if (found.place == place && found.shared == shared && found.writes == writes) return slot - 1;
    }
}

// Distinct addresses of a request, ascending.
unsigned int distinct(const Request& request, uintptr_t* out) {
    unsigned int count = 0;
    bool ascending = true;
    for (uint32_t rest = request.lanes; rest != 0; rest &= rest - 1) {
        const uintptr_t address = request.address[__builtin_ctz(rest)];
        ascending &= count == 0 || out[count - 1] <= address;
        out[count++] = address;
    }
    if (!ascending) std::sort(out, out + count);
    return static_cast<unsigned int>(std::unique(out, out + count) - out);
}

void count_global(const Request& request, unsigned int size, Traffic& traffic) {
    uintptr_t address[warp_lanes];
    const unsigned int count = distinct(request, address);
    uintptr_t next = 0;
    uintptr_t covered = 0;
    uint64_t bytes = 0;
    for (unsigned int i = 0; i < count; ++i) {
        const uintptr_t last = (address[i] + size - 1) / sector;
        const uintptr_t first = std::max(address[i] / sector, next);
        if (last >= first) traffic.sectors += last - first + 1;
        next = std::max(next, last + 1);
        const uintptr_t from = std::max(address[i], covered);
        if (address[i] + size > from) bytes += address[i] + size - from;
        covered = std::max(covered, address[i] + size);
    }
    ++traffic.requests;
    traffic.ideal_sectors += (bytes + sector - 1) / sector;
}

// Wide accesses take turns by half or quarter of a warp, each with the width of all banks.
void count_shared(const Request& request, unsigned int size, Traffic& traffic) {
    const unsigned int turns = size <= 4 ? 1 : size <= 8 ? 2 : 4;
    const unsigned int lanes = warp_lanes / turns;
    for (unsigned int turn = 0; turn < turns; ++turn) {
        const uint32_t part = turns == 1 ? request.lanes : request.lanes >> (turn * lanes) << (32 - lanes) >> (32 - lanes);
        if (part == 0) continue;
        Request one;
        one.lanes = part;
        std::copy(request.address + turn * lanes, request.address + (turn + 1) * lanes, one.address);
        uintptr_t address[warp_lanes];
        const unsigned int count = distinct(one, address);
        uint8_t words[banks] = {};
        uintptr_t next = 0;
        unsigned int most = 1;
        for (unsigned int i = 0; i < count; ++i) {
            const uintptr_t last = (address[i] + size - 1) / 4;
            for (uintptr_t word = std::max(address[i] / 4, next); word <= last; ++word) {
                most = std::max<unsigned int>(most, ++words[word % banks]);
            }
            next = std::max(next, last + 1);
        }
        ++traffic.shared_requests;
        traffic.shared_passes += most;
    }
}
}  // namespace

void Traffic::add(const Traffic& other) {
    requests += other.requests;
    sectors += other.sectors;
    ideal_sectors += other.ideal_sectors;
    shared_requests += other.shared_requests;
    shared_passes += other.shared_passes;
}

void request(Place place, uintptr_t address, unsigned int size, bool shared, bool writes) {
    const unsigned int number = site_of(place, size, shared, writes);
    if (number == most_sites) return;
    const unsigned int warp = current->number / warp_lanes;
    auto& kept = pending[warp * most_sites + number];
    if (!kept) kept = std::make_unique<Pending>();
    Pending& here = *kept;
    if (here.used == 0) touched[warp].push_back(number);
    const uint32_t time = here.times[current->lane];
    if (time >= most_pending) return;
    ++here.times[current->lane];
    if (time >= here.used) {
        if (time >= here.requests.size()) here.requests.emplace_back();
        here.used = time + 1;
        here.requests[time].lanes = 0;
    }
    Request& one = here.requests[time];
    one.lanes |= 1u << current->lane;
    one.address[current->lane] = address;
}

void count_warp(unsigned int warp) {
    for (const unsigned int number : touched[warp]) {
        Pending& here = *pending[warp * most_sites + number];
        Site& at = sites[number];
        Traffic traffic;
        for (size_t i = 0; i < here.used; ++i) {
            if (at.shared) {
                count_shared(here.requests[i], at.size, traffic);
            } else {
                count_global(here.requests[i], at.size, traffic);
            }
        }
        at.traffic.add(traffic);
        since.add(traffic);
        std::fill(std::begin(here.times), std::end(here.times), 0);
        here.used = 0;
    }
    touched[warp].clear();
}

void count_block() {
    for (unsigned int warp = 0; warp < warps; ++warp) count_warp(warp);
}

Traffic take_traffic() {
    const Traffic taken = since;
    since = {};
    return taken;
}

unsigned int site_count() { return static_cast<unsigned int>(sites.size()); }
const Site& site(unsigned int number) { return sites[number]; }
}  // namespace cuda_cpu::trace
