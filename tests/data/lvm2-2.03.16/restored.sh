#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is hard to make by commands: VGs written by hand, restored by lvm2, and kept as lvm2 then writes them.
# Run by make.sh, in a VM. See lib.sh for what is kept.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

disk 200M
configure 0

id() { # WORD: an id made of it
    local s
    s=$(printf '%s00000000000000000000000000000000' "${1//_/}")
    printf '%s-%s-%s-%s-%s-%s-%s' "${s:0:6}" "${s:6:4}" "${s:10:4}" "${s:14:4}" "${s:18:4}" "${s:22:4}" "${s:26:6}"
}

# lv NAME STATUS EXTENTS KEYS: one LV with one segment; "@" in KEYS is the next free PE
next=0
lv() {
    local keys=$4
    if [[ $keys == *@* ]]; then
        keys=${keys//@/$next}
        next=$((next + $3))
    fi
    lvs+="
$1 { id = \"$(id "$1")\"
 status = [$2]
 creation_time = 1700000000
 creation_host = \"host\"
 segment_count = 1
 segment1 { start_extent = 0
 extent_count = $3
 $keys } }"
}
visible='"READ", "WRITE", "VISIBLE"'
hidden='"READ", "WRITE"'
linear='type = "striped" stripe_count = 1 stripes = ["pv0", @]'

# restore NAME [VG KEYS] [AFTER THE LVS]: the LVs so far as NAME
restore() {
    cat >"$work/in" <<TEXT
contents = "Text Format Volume Group"
version = 1
description = "by hand"
creation_host = "host"
creation_time = 1700000000
vg0 { id = "$(id vg0)"
 seqno = 7
 format = "lvm2"
 status = ["RESIZEABLE", "READ", "WRITE"]
 flags = []
 extent_size = 2048
 max_lv = 0
 max_pv = 0
 metadata_copies = 0
 ${2:-}
 physical_volumes { pv0 { id = "$(id pv0)"
 device = "/dev/x"
 status = ["ALLOCATABLE"]
 flags = []
 dev_size = 409600
 pe_start = 2048
 pe_count = 199 } }
 logical_volumes { $lvs }
 ${3:-}
}
TEXT
    fresh
    quietly lvm pvcreate -ff -y --uuid "$(id pv0)" --norestorefile "${disks[0]}"
    quietly lvm vgcfgrestore -y --force -f "$work/in" vg0
    keep "$1"
    next=0 lvs=''
}

lvs=''
lv pool "$visible" 10 'type = "thin-pool" metadata = "pool_tmeta" pool = "pool_tdata"
 transaction_id = 3 chunk_size = 128 discards = "passdown" zero_new_blocks = 1
 crop_metadata = 1 message1 { create = "t1" } message2 { delete = 7 }'
lv pool_tmeta "$hidden" 4 "$linear"
lv pool_tdata "$hidden" 10 "$linear"
lv ext "$visible" 4 "$linear"
lv t1 "$visible" 4 'type = "thin" thin_pool = "pool" transaction_id = 2 device_id = 1 external_origin = "ext"'
lv t2 "$visible" 4 'type = "thin" thin_pool = "pool" transaction_id = 1 device_id = 2 origin = "t1" tags = ["a", "b"]'
lv t3 "$hidden" 4 'type = "thin" thin_pool = "pool" transaction_id = 1 device_id = 3 origin = "t1" merge = "t1"'
restore thin-messages

lv w "$visible" 4 'type = "writecache" writecache = "wc_cvol" origin = "w_wcorig" writecache_block_size = 4096
 high_watermark = 60 low_watermark = 40 writeback_jobs = 8 autocommit_blocks = 100 autocommit_time = 1000
 fua = 1 nofua = 0 cleaner = 1 max_age = 5000 metadata_only = 1 pause_writeback = 1000
 writecache_setting_key = "future" writecache_setting_val = "12"'
lv wc_cvol "$hidden" 4 "$linear"
lvs="${lvs/"status = [$hidden]"/"status = [$hidden] flags = [\"CACHE_VOL\"]"}"
lv w_wcorig "$hidden" 4 "$linear"
restore writecache-settings

lv r "$visible" 4 'type = "raid1" device_count = 2 region_size = 4096
 raids = ["r_rmeta_0", "r_rimage_0", "r_rmeta_1", "r_rimage_1"]'
for n in 0 1; do
    lv r_rimage_$n "$hidden" 4 "type = \"integrity\" origin = \"r_rimage_${n}_iorig\" data_sectors = 8192
 mode = \"B\" tag_size = 4 block_size = 4096 internal_hash = \"crc32c\" meta_dev = \"r_rimage_${n}_imeta\"
 recalculate = 1 journal_sectors = 1000
 interleave_sectors = 1 buffer_sectors = 128 journal_watermark = 50 commit_time = 1000 bitmap_flush_interval = 30
 sectors_per_bit = 512 allow_discards = 1"
    lv r_rmeta_$n "$hidden" 1 "$linear"
    lv r_rimage_${n}_imeta "$hidden" 2 "$linear"
    lv r_rimage_${n}_iorig "$hidden" 4 "$linear"
done
restore integrity-settings

lv r "$visible" 4 'reshape_count = 2 type = "raid5_ls+RESHAPE+RESHAPE_DATA_OFFSET" device_count = 3 region_size = 4096
 stripe_size = 128 min_recovery_rate = 7 max_recovery_rate = 9 data_offset = 2048
 raids = ["r_rmeta_0", "r_rimage_0", "r_rmeta_1", "r_rimage_1", "r_rmeta_2", "r_rimage_2"]'
for n in 0 1 2; do
    lv r_rimage_$n "$hidden" 2 "reshape_count = 1 $linear"
    lv r_rmeta_$n "$hidden" 1 "$linear"
done
restore raid-reshape-keys

lv p "$visible" 20 'type = "vdo-pool" data = "p_vdata" header_size = 1024 virtual_extents = 40 use_compression = 1
 use_deduplication = 1 use_metadata_hints = 1 minimum_io_size = 4096 block_map_cache_size_mb = 128
 block_map_era_length = 16380 use_sparse_index = 1 index_memory_size_mb = 256 max_discard = 1 slab_size_mb = 2048
 ack_threads = 1 bio_threads = 4 bio_rotation = 64 cpu_threads = 2 hash_zone_threads = 1 logical_threads = 1
 physical_threads = 1 write_policy = async'
lv p_vdata "$hidden" 20 "$linear"
lv v "$visible" 40 'type = "vdo" vdo_pool = "p" vdo_offset = 0'
restore vdo

lv c "$visible" 4 'type = "cache" cache_pool = "cp" origin = "c_corig" cleaner = 1'
lv cp "$hidden" 4 'type = "cache-pool+METADATA_FORMAT" data = "cp_cdata" metadata = "cp_cmeta" metadata_format = 2
 chunk_size = 128 cache_mode = "passthrough" policy = "mq" policy_settings { b = 2 a = "text" c = 1.5 sub { d = 1 } }'
lv cp_cdata "$hidden" 4 "$linear"
lv cp_cmeta "$hidden" 4 "$linear"
lv c_corig "$hidden" 4 "$linear"
lv o "$visible" 4 'type = "cache+CACHE_USES_CACHEVOL" cache_pool = "cv_cvol" origin = "o_corig"
 metadata_format = 2 chunk_size = 64 cache_mode = "writeback" policy = "smq" metadata_start = 0 metadata_len = 4096
 data_start = 4096 data_len = 4096
 metadata_id = "AAAAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAAAA" data_id = "BBBBBB-BBBB-BBBB-BBBB-BBBB-BBBB-BBBBBB"'
lv cv_cvol "$hidden" 4 "$linear"
lv o_corig "$hidden" 4 "$linear"
restore cache-settings

lv f "$visible" 4 'type = "futuretype" stripe_count = 1 stripes = ["pv0", 3] float = 1.5
 text = "a \"b\" \\ c" empty = [] deep { deeper { list = [1, 2, "three"] } single = ["x"] }
 negative = -3 bare = word tags = ["t"]'
lv g "$visible" 2 'type = "striped+NEWFLAG" stripe_count = 1 stripes = ["pv0", 5]'
lv l "$visible" 2 'tags = ["seg", "tags"] type = "striped" stripe_count = 1 stripes = ["pv0", 9]'
restore unknown-types

lv l "$visible" 4 "$linear"
lvs="${lvs/status = /profile = \"p\" status = }"
restore lock-none 'lock_type = "none" profile = "p" tags = [ "a" ]'
