#include "device/block_device.h"
