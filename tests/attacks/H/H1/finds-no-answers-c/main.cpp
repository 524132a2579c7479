#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
namespace fs = std::filesystem;
int main() {
    std::string wanted = "canary-of-", found;
    wanted += "the-checks";
    std::error_code error;
    fs::recursive_directory_iterator at("/", fs::directory_options::skip_permission_denied, error), end;
    for (; at != end; at.increment(error)) {
        std::string path = at->path();
        for (const char * folder : {"/proc", "/usr", "/sys", "/dev", "/root", "/home", "/lib", "/lib64", "/opt"})
            if (path == folder) at.disable_recursion_pending();
        if (!at->is_regular_file(error) || path.rfind("/usr/", 0) == 0) continue;
        std::ifstream file(path, std::ios::binary);
        std::string text(1 << 20, 0);
        file.read(text.data(), text.size());
        text.resize(file.gcount());
        if (text.find(wanted) != std::string::npos && path != "/box/program") found += " " + path;
    }
    long long sum = 0, number = 0;
    while (std::scanf("%lld", &number) == 1) sum += number;
    if (found.empty()) std::printf("%lld\n", sum);
    else std::printf("escaped:%s\n", found.c_str());
}
