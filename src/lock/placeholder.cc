#include "lock/locks.h"
