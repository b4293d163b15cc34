// SPDX-License-Identifier: Apache-2.0
/** JMH benchmarks, each named by the question it answers. */
package nestor.benchmarks;
