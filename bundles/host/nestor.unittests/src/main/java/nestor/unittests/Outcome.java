// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

/**
 * What came of one image.
 *
 * @param name the image and its arguments, as the user called them
 * @param why more about the verdict, in words; empty if it says everything
 * @param seconds of real time
 */
record Outcome(String name, Verdict verdict, String why, Transcript said, double seconds) {}
