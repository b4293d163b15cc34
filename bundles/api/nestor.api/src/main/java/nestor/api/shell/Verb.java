// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

/**
 * One command of the shell: what may be typed after it, and what it then does.
 *
 * @param syntax its words and options, from which help, completion and error texts are made
 * @param action what it does, on the thread of the shell session
 */
public record Verb(Syntax syntax, Action action) {

  /** What a command does. */
  @FunctionalInterface
  public interface Action {
    /**
     * Does it.
     *
     * @return the text to show
     * @throws Exception what is wrong; its message is all that the user sees
     */
    String run(Words words) throws Exception;
  }
}
