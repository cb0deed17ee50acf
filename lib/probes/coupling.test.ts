import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { normals } from '../testing/feature-sets';
import { linearNetwork } from '../testing/linear-network';
import { onEngine } from '../testing/on-engine';
import { kernelGradient } from '../training/kernel-gradient';
import { gradientCoupling, gradientGram, spectrumOf } from './coupling';
import { headOf } from './feature-data';

onEngine('cpu');

describe('the spectrum of gradients', () => {
  it('of one image many times is one direction', () => {
    const head = { dim: 2, classes: 2, kernel: Float32Array.of(1, -1, 0.5, 0.25) };
    const { result } = gradientCoupling(head, { features: Float32Array.of(1, 2, 1, 2, 1, 2), labels: [0, 0, 0] });
    expect(result?.loss.participation).toBeCloseTo(1, 12);
    expect(result?.loss.entropyRank).toBeCloseTo(1, 12);
    expect(result?.loss.shares[0]).toBeCloseTo(1, 12);
    expect(result?.direction.shares[0]).toBeCloseTo(1, 12);
  });

  it('of orthogonal images has as many directions as there are images', () => {
    const head = { dim: 3, classes: 2, kernel: new Float32Array(6) };
    const { result } = gradientCoupling(head, { features: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 2), labels: [0, 0, 1] });
    // Residuals (−½, ½): λ = ½·(4, 1, 1).
    expect(result?.loss.shares.map((s) => Number(s.toFixed(12)))).toEqual([2 / 3, 1 / 6, 1 / 6].map((s) => Number(s.toFixed(12))));
    expect(result?.loss.participation).toBeCloseTo(36 / 18, 12);
    expect(result?.direction.participation).toBeCloseTo(3, 12);
    expect(result?.direction.entropyRank).toBeCloseTo(3, 12);
  });

  it('leaves out images without a gradient, and is not defined without any', () => {
    const head = { dim: 1, classes: 2, kernel: Float32Array.of(1, -1) };
    const { result } = gradientCoupling(head, { features: Float32Array.of(500, 1, 0), labels: [0, 1, 0] });
    // h = 500: the residual is e⁻¹⁰⁰⁰, which is zero; h = 0 has none for want of a bias.
    expect(result).toMatchObject({ images: 3, active: 1 });
    expect(gradientCoupling(head, { features: Float32Array.of(500), labels: [0] })).toMatchObject({ result: null });
  });

  it('keeps apart what float64 would lose in p − 1', () => {
    const head = { dim: 1, classes: 2, kernel: Float32Array.of(1, -1), bias: new Float32Array(2) };
    const gram = gradientGram(head, { features: Float32Array.of(25), labels: [0] }, 1);
    const p = Math.exp(-50) / (1 + Math.exp(-50));
    expect(gram[0] / (2 * p * p * 626)).toBeCloseTo(1, 12);
  });

  it('is that of the gradients that the network itself computes', () => {
    const rows = [0, 1, 2].map((c) => Float32Array.from(normals(20 + c, 4), (v) => v / 2));
    const network = linearNetwork([2, 2, 1], rows);
    const images = Float32Array.from(normals(7, 20), (v) => Math.abs(v) / 3);
    const labels = [0, 1, 2, 0, 1];
    const gradients = labels.map((label, n) =>
      tf.tidy(() => {
        let found: number[] = [];
        network.logitsAndGradient(
          tf.tensor4d(images.subarray(4 * n, 4 * n + 4), [1, 2, 2, 1]),
          tf.tensor1d([label], 'float32'),
          crossEntropyGrad,
          (node, seen) => {
            if (network.graph.nodes[node].op.kind === 'dense')
              found = Array.from(kernelGradient(network.graph.nodes[node], seen).dataSync());
          },
        );
        return found;
      }),
    );
    const head = headOf(network.graph);
    if (!head.result) throw new Error(head.reason);
    const gram = gradientGram(head.result, { features: images, labels }, 5);
    network.dispose();
    gradients.forEach((g, n) => {
      gradients.forEach((other, m) => {
        const dot = g.reduce((sum, v, i) => sum + v * other[i], 0);
        expect(Math.abs(gram[n * 5 + m] - dot)).toBeLessThan(1e-6); // float32 gradients of size 1
      });
    });
  });

  it('counts an eigenvalue below zero, which rounding leaves, as zero', () => {
    const { shares } = spectrumOf(Float64Array.of(1, 1, 1, 1 - 1e-9), 2);
    expect(shares[0]).toBe(1);
    expect(shares[1]).toBe(0);
  });
});
