;; The loops of a masked forest. `module.ts` holds it compiled by scripts/make-wasm.mjs. All arguments are addresses or
;; numbers of bytes, except $sum.
(module
  (import "m" "memory" (memory 1))

  ;; Intersects the masks whose addresses are listed from $places to $placesEnd, 64 bytes at a time.
  (func (export "meet") (param $places i32) (param $placesEnd i32) (param $rest i32) (param $bytes i32)
    (local $offset i32) (local $place i32) (local $mask i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $chunk
      (local.set $a (v128.const i32x4 -1 -1 -1 -1))
      (local.set $b (v128.const i32x4 -1 -1 -1 -1))
      (local.set $c (v128.const i32x4 -1 -1 -1 -1))
      (local.set $d (v128.const i32x4 -1 -1 -1 -1))
      (local.set $place (local.get $places))
      (loop $each
        (local.set $mask (i32.add (i32.load (local.get $place)) (local.get $offset)))
        (local.set $a (v128.and (local.get $a) (v128.load (local.get $mask))))
        (local.set $b (v128.and (local.get $b) (v128.load offset=16 (local.get $mask))))
        (local.set $c (v128.and (local.get $c) (v128.load offset=32 (local.get $mask))))
        (local.set $d (v128.and (local.get $d) (v128.load offset=48 (local.get $mask))))
        (br_if $each (i32.lt_u
          (local.tee $place (i32.add (local.get $place) (i32.const 4))) (local.get $placesEnd))))
      (local.set $mask (i32.add (local.get $rest) (local.get $offset)))
      (v128.store (local.get $mask) (local.get $a))
      (v128.store offset=16 (local.get $mask) (local.get $b))
      (v128.store offset=32 (local.get $mask) (local.get $c))
      (v128.store offset=48 (local.get $mask) (local.get $d))
      (br_if $chunk (i32.lt_u
        (local.tee $offset (i32.add (local.get $offset) (i32.const 64))) (local.get $bytes)))))

  ;; Adds the value of the first leaf that remains of every $step-th tree, for trees of 16 bits.
  (func (export "sum16") (param $rest i32) (param $end i32) (param $values i32) (param $step i32) (param $sum f64)
    (result f64)
    (local $valueStep i32)
    (local.set $valueStep (i32.shl (local.get $step) (i32.const 5)))
    (loop $each
      (local.set $sum (f64.add (local.get $sum) (f64.promote_f32 (f32.load (i32.add (local.get $values)
        (i32.shl (i32.ctz (i32.load16_u (local.get $rest))) (i32.const 2)))))))
      (local.set $values (i32.add (local.get $values) (local.get $valueStep)))
      (br_if $each (i32.lt_u (local.tee $rest (i32.add (local.get $rest) (local.get $step))) (local.get $end))))
    (local.get $sum))

  ;; The same for trees of 64 bits.
  (func (export "sum64") (param $rest i32) (param $end i32) (param $values i32) (param $step i32) (param $sum f64)
    (result f64)
    (local $valueStep i32)
    (local.set $valueStep (i32.shl (local.get $step) (i32.const 5)))
    (loop $each
      (local.set $sum (f64.add (local.get $sum) (f64.promote_f32 (f32.load (i32.add (local.get $values)
        (i32.shl (i32.wrap_i64 (i64.ctz (i64.load (local.get $rest)))) (i32.const 2)))))))
      (local.set $values (i32.add (local.get $values) (local.get $valueStep)))
      (br_if $each (i32.lt_u (local.tee $rest (i32.add (local.get $rest) (local.get $step))) (local.get $end))))
    (local.get $sum)))
