;; The loops of plain-kernel.ts with gradient and Hessian added together, as the two halves of a SIMD number.
;; `module.ts` holds it compiled by scripts/make-wasm.mjs. The integer arguments are addresses. A row is 4
;; bytes, its derivatives and a bin of a histogram are 16, and its bin of a feature is at $bins + 4 * row.
(module
  (import "m" "memory" (memory 1 65536 shared))

  (func (export "fill4")
    (param $at i32) (param $end i32) (param $derivatives i32)
    (param $bins1 i32) (param $bins2 i32) (param $bins3 i32) (param $bins4 i32)
    (param $sums1 i32) (param $sums2 i32) (param $sums3 i32) (param $sums4 i32)
    (local $row i32) (local $bin i32) (local $pair v128)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return)))
    (loop $each
      (local.set $row (i32.load (local.get $at)))
      (local.set $pair (v128.load (i32.add (local.get $derivatives) (i32.shl (local.get $row) (i32.const 4)))))
      (local.set $row (i32.shl (local.get $row) (i32.const 2)))
      (local.set $bin (i32.add (local.get $sums1)
        (i32.shl (i32.load8_u (i32.add (local.get $bins1) (local.get $row))) (i32.const 4))))
      (v128.store (local.get $bin) (f64x2.add (v128.load (local.get $bin)) (local.get $pair)))
      (local.set $bin (i32.add (local.get $sums2)
        (i32.shl (i32.load8_u (i32.add (local.get $bins2) (local.get $row))) (i32.const 4))))
      (v128.store (local.get $bin) (f64x2.add (v128.load (local.get $bin)) (local.get $pair)))
      (local.set $bin (i32.add (local.get $sums3)
        (i32.shl (i32.load8_u (i32.add (local.get $bins3) (local.get $row))) (i32.const 4))))
      (v128.store (local.get $bin) (f64x2.add (v128.load (local.get $bin)) (local.get $pair)))
      (local.set $bin (i32.add (local.get $sums4)
        (i32.shl (i32.load8_u (i32.add (local.get $bins4) (local.get $row))) (i32.const 4))))
      (v128.store (local.get $bin) (f64x2.add (v128.load (local.get $bin)) (local.get $pair)))
      (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end)))))

  (func (export "fill1")
    (param $at i32) (param $end i32) (param $derivatives i32) (param $bins i32) (param $sums i32)
    (local $row i32) (local $bin i32)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return)))
    (loop $each
      (local.set $row (i32.load (local.get $at)))
      (local.set $bin (i32.add (local.get $sums) (i32.shl
        (i32.load8_u (i32.add (local.get $bins) (i32.shl (local.get $row) (i32.const 2)))) (i32.const 4))))
      (v128.store (local.get $bin) (f64x2.add (v128.load (local.get $bin))
        (v128.load (i32.add (local.get $derivatives) (i32.shl (local.get $row) (i32.const 4))))))
      (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end)))))

  (func (export "clear") (param $at i32) (param $bytes i32)
    (memory.fill (local.get $at) (i32.const 0) (local.get $bytes)))

  (func (export "subtract") (param $parent i32) (param $child i32) (param $end i32)
    (loop $each
      (v128.store (local.get $parent)
        (f64x2.sub (v128.load (local.get $parent)) (v128.load (local.get $child))))
      (local.set $child (i32.add (local.get $child) (i32.const 16)))
      (br_if $each
        (i32.lt_u (local.tee $parent (i32.add (local.get $parent) (i32.const 16))) (local.get $end)))))

  ;; Returns where the rows that go right begin.
  (func (export "partition")
    (param $at i32) (param $end i32) (param $bins i32) (param $goes i32) (param $spare i32) (result i32)
    (local $left i32) (local $right i32) (local $row i32) (local $step i32)
    (local.set $left (local.get $at))
    (local.set $right (local.get $spare))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $at))))
    (loop $each
      (local.set $row (i32.load (local.get $at)))
      (local.set $step (i32.shl (i32.load8_u (i32.add (local.get $goes) (i32.load8_u
        (i32.add (local.get $bins) (i32.shl (local.get $row) (i32.const 2)))))) (i32.const 2)))
      (i32.store (local.get $left) (local.get $row))
      (i32.store (local.get $right) (local.get $row))
      (local.set $left (i32.add (local.get $left) (local.get $step)))
      (local.set $right (i32.sub (i32.add (local.get $right) (i32.const 4)) (local.get $step)))
      (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (memory.copy (local.get $left) (local.get $spare) (i32.sub (local.get $right) (local.get $spare)))
    (local.get $left))

  ;; Returns the address of the last bin on the left, 0 if no split gains enough; its sums and gain go to $found.
  (func (export "scan")
    (param $at i32) (param $end i32) (param $found i32)
    (param $leftGradient f64) (param $leftHessian f64) (param $gradient f64) (param $hessian f64)
    (param $lambda f64) (param $smallest f64) (param $parentScore f64) (param $bestGain f64) (result i32)
    (local $left v128) (local $right v128) (local $all v128) (local $both v128) (local $gain f64) (local $best i32)
    (local.set $left (f64x2.replace_lane 1 (f64x2.splat (local.get $leftGradient)) (local.get $leftHessian)))
    (local.set $all (f64x2.replace_lane 1 (f64x2.splat (local.get $gradient)) (local.get $hessian)))
    (block $done
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (loop $each
        (local.set $left (f64x2.add (local.get $left) (v128.load (local.get $at))))
        (if (i32.eqz (f64.lt (f64x2.extract_lane 1 (local.get $left)) (local.get $smallest)))
          (then
            (local.set $right (f64x2.sub (local.get $all) (local.get $left)))
            (br_if $done (f64.lt (f64x2.extract_lane 1 (local.get $right)) (local.get $smallest)))
            ;; Gradients of both sides, then their Hessians.
            (local.set $both (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
              (local.get $left) (local.get $right)))
            (local.set $both (f64x2.div
              (f64x2.mul (local.get $both) (local.get $both))
              (f64x2.add (f64x2.splat (local.get $lambda))
                (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31
                  (local.get $left) (local.get $right)))))
            (local.set $gain (f64.sub
              (f64.add (f64x2.extract_lane 0 (local.get $both)) (f64x2.extract_lane 1 (local.get $both)))
              (local.get $parentScore)))
            (if (f64.gt (local.get $gain) (local.get $bestGain))
              (then
                (local.set $bestGain (local.get $gain))
                (local.set $best (local.get $at))
                (v128.store (local.get $found) (local.get $left))))))
        (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))
    (f64.store offset=16 (local.get $found) (local.get $bestGain))
    (local.get $best)))
