// Findings and profiles, and the file that takes them out of the box.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "../trace.h"
#include "findings.h"
#include "profile.h"
#include "requests.h"

namespace cuda_cpu::trace {
namespace {
constexpr size_t most_findings = 300;
constexpr size_t most_kernels = 100;

struct Profile {
    uint64_t launches = 0;
    dim3 grid, block;
    size_t dynamic_bytes = 0;
    std::set<std::pair<uintptr_t, size_t>> shared;
    uint64_t bytes_read = 0, bytes_written = 0, barriers = 0;
    Traffic traffic;
};

auto& findings = *new std::map<std::tuple<std::string, Place, Place>, Found>;
auto& profiles = *new std::map<std::string, Profile>;
Profile* running = nullptr;
uintptr_t last_shared = 0;
bool written = false;

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text.substr(0, 300)) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 32 ? ' ' : c;
    }
    return out + '"';
}

void write_found(FILE* file, const Found& one) {
    fprintf(file,
            "{\"what\": %s, \"place\": %u, \"other\": %u, \"made\": %u, \"space\": \"%s\", \"access\": \"%s\", "
            "\"other_access\": \"%s\", \"size\": %u, \"name\": %s, \"offset\": %lld, \"extent\": %llu, "
            "\"thread\": [%u, %u, %u], \"block\": [%u, %u, %u], \"other_thread\": %u, \"same_block\": %s, "
            "\"kernel\": %s, \"value\": %u, \"count\": %llu}",
            quoted(one.what).c_str(), one.place, one.other, one.made, one.space, one.access, one.other_access, one.size,
            quoted(one.name).c_str(), one.offset, one.extent, one.thread.x, one.thread.y, one.thread.z, one.block.x,
            one.block.y, one.block.z, one.other_thread, one.other_block == one.block_number ? "true" : "false",
            quoted(one.kernel).c_str(), one.value, one.count);
}

void write_profile(FILE* file, const std::string& name, const Profile& one) {
    size_t shared_bytes = one.dynamic_bytes;
    for (const auto& variable : one.shared) shared_bytes += variable.second;
    fprintf(file,
            "{\"kernel\": %s, \"launches\": %llu, \"grid\": [%u, %u, %u], \"block\": [%u, %u, %u], \"shared_bytes\": %zu, "
            "\"bytes_read\": %llu, \"bytes_written\": %llu, \"requests\": %llu, \"sectors\": %llu, "
            "\"ideal_sectors\": %llu, \"shared_requests\": %llu, \"shared_passes\": %llu, \"barriers\": %llu}",
            quoted(name).c_str(), static_cast<unsigned long long>(one.launches), one.grid.x, one.grid.y, one.grid.z,
            one.block.x, one.block.y, one.block.z, shared_bytes, static_cast<unsigned long long>(one.bytes_read),
            static_cast<unsigned long long>(one.bytes_written), static_cast<unsigned long long>(one.traffic.requests),
            static_cast<unsigned long long>(one.traffic.sectors),
            static_cast<unsigned long long>(one.traffic.ideal_sectors),
            static_cast<unsigned long long>(one.traffic.shared_requests),
            static_cast<unsigned long long>(one.traffic.shared_passes), static_cast<unsigned long long>(one.barriers));
}

void write_site(FILE* file, const Site& one) {
    fprintf(file,
            "{\"place\": %u, \"shared\": %s, \"writes\": %s, \"size\": %u, \"requests\": %llu, \"sectors\": %llu, "
            "\"ideal_sectors\": %llu, \"shared_requests\": %llu, \"shared_passes\": %llu}",
            one.place, one.shared ? "true" : "false", one.writes ? "true" : "false", one.size,
            static_cast<unsigned long long>(one.traffic.requests), static_cast<unsigned long long>(one.traffic.sectors),
            static_cast<unsigned long long>(one.traffic.ideal_sectors),
            static_cast<unsigned long long>(one.traffic.shared_requests),
            static_cast<unsigned long long>(one.traffic.shared_passes));
}
}  // namespace

const char* access_word(uint8_t access) {
    if ((access & is_atomic) != 0) return "atomic";
    return (access & is_write) != 0 ? "write" : "read";
}

void report_found(Found found) {
    auto key = std::make_tuple(std::string(found.what), found.place, found.other);
    if (const auto known = findings.find(key); known != findings.end()) {
        ++known->second.count;
        return;
    }
    if (findings.size() >= most_findings) return;
    if (current != nullptr) {
        found.thread = current->index;
        found.block = block.index;
        found.block_number = block.number;
        found.kernel = block.kernel;
    }
    findings.emplace(std::move(key), std::move(found));
}

void fault(const char* what, const void* place, const void* other, unsigned int count, const void*) {
    Found found;
    found.what = what;
    found.place = place == nullptr ? 0 : place_of(place);
    found.other = other == nullptr ? 0 : place_of(other);
    found.value = count;
    report_found(found);
}

void count_bytes(unsigned int read, unsigned int wrote) {
    running->bytes_read += read;
    running->bytes_written += wrote;
}

void used_shared(uintptr_t low, size_t bytes) {
    if (low == last_shared) return;
    last_shared = low;
    running->shared.insert({low, bytes});
}

void launch_begins(const Launch& launch) {
    access_launch(launch);
    if (profiles.size() < most_kernels || profiles.count(launch.name) != 0) {
        running = &profiles[launch.name];
    } else {
        running = &profiles["(other kernels)"];
    }
    ++running->launches;
    running->grid = launch.where.grid;
    running->block = launch.where.block;
    running->dynamic_bytes = launch.where.shared;
    last_shared = 0;
}

void launch_ends() {
    access_settle();
    running->traffic.add(take_traffic());
}

void block_begins() { access_block(); }
void block_ends() {
    access_settle();
    count_block();
}

void barrier_passed() {
    access_settle();
    ++running->barriers;
    count_block();
    clocks_barrier();
}

void lanes_synchronised(const Warp& warp, unsigned int lanes) {
    access_settle();
    clocks_lanes(warp, lanes);
}

void warp_ended(const Warp& warp) {
    access_settle();
    count_warp(warp.lanes[0].number / warp_lanes);
}

void fence() { clocks_fence(); }

void write_report() {
    if (written) return;
    written = true;
    const char* path = getenv("CUDA_CPU_REPORT");
    FILE* file = fopen(path != nullptr ? path : "cuda-trace.json", "w");
    if (file == nullptr) return;
    fputs("{\"findings\": [", file);
    const char* comma = "";
    for (const auto& one : findings) {
        fputs(comma, file);
        write_found(file, one.second);
        comma = ",\n";
    }
    fputs("],\n\"kernels\": [", file);
    comma = "";
    for (const auto& one : profiles) {
        fputs(comma, file);
        write_profile(file, one.first, one.second);
        comma = ",\n";
    }
    fputs("],\n\"sites\": [", file);
    comma = "";
    for (unsigned int i = 0; i < site_count(); ++i) {
        fputs(comma, file);
        write_site(file, site(i));
        comma = ",\n";
    }
    fputs("]}\n", file);
    fclose(file);
}
}  // namespace cuda_cpu::trace
