#include <fcntl.h>
#include <iostream>
#include <mqueue.h>
#include <string>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    std::cout << sum << std::endl;
    int made = 0;
    for (int i = 0; i < 100000; ++i) {
        if (mq_open(("/llsys" + std::to_string(i)).c_str(), O_CREAT | O_RDWR, 0666, nullptr) < 0) break;
        ++made;
    }
    for (int i = 0; i < 100000 && msgget(IPC_PRIVATE, 0666 | IPC_CREAT) >= 0; ++i) {}
    for (int i = 0; i < 100000 && semget(IPC_PRIVATE, 250, 0666 | IPC_CREAT) >= 0; ++i) {}
    for (int i = 0; i < 100000 && shmget(IPC_PRIVATE, 4096, 0666 | IPC_CREAT) >= 0; ++i) {}
    for (int i = 0; i < 100000 && syscall(SYS_add_key, "user", std::to_string(i).c_str(), "x", 1, -2) >= 0; ++i) {}
    if (made > 1000) std::cout << "queues " << made << std::endl;
}
