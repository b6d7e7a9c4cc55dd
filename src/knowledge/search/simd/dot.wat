;; Dot products of one query with many rows, sixteen numbers at a time. `module.ts` holds it compiled by scripts/make-wasm.mjs.
;; $bytes: of a row and of the query, a multiple of 64. Both are padded with zeros.
(module
  (import "m" "memory" (memory 1))
  (func (export "scores")
    (param $query i32) (param $row i32) (param $rows i32) (param $bytes i32) (param $out i32)
    (local $i i32) (local $at i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $each
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (v128.const f32x4 0 0 0 0))
      (local.set $c (v128.const f32x4 0 0 0 0))
      (local.set $d (v128.const f32x4 0 0 0 0))
      (local.set $i (i32.const 0))
      (loop $along
        (local.set $at (i32.add (local.get $row) (local.get $i)))
        (local.set $a (f32x4.add (local.get $a) (f32x4.mul
          (v128.load (local.get $at)) (v128.load (i32.add (local.get $query) (local.get $i))))))
        (local.set $b (f32x4.add (local.get $b) (f32x4.mul
          (v128.load offset=16 (local.get $at)) (v128.load offset=16 (i32.add (local.get $query) (local.get $i))))))
        (local.set $c (f32x4.add (local.get $c) (f32x4.mul
          (v128.load offset=32 (local.get $at)) (v128.load offset=32 (i32.add (local.get $query) (local.get $i))))))
        (local.set $d (f32x4.add (local.get $d) (f32x4.mul
          (v128.load offset=48 (local.get $at)) (v128.load offset=48 (i32.add (local.get $query) (local.get $i))))))
        (br_if $along (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 64))) (local.get $bytes))))
      (local.set $a (f32x4.add
        (f32x4.add (local.get $a) (local.get $b)) (f32x4.add (local.get $c) (local.get $d))))
      (f32.store (local.get $out) (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
        (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a)))))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $row (i32.add (local.get $row) (local.get $bytes)))
      (br_if $each (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))
