#include "runtime/thread_name.h"

#include <pthread.h>

#include <cstring>

namespace wherry::runtime {

void nameThisThread(const char* name) {
    char cut[16] = {}; // TASK_COMM_LEN, with the NUL
    std::strncpy(cut, name, sizeof(cut) - 1);
#ifdef __APPLE__
    pthread_setname_np(cut);
#else
    pthread_setname_np(pthread_self(), cut);
#endif
}

} // namespace wherry::runtime
