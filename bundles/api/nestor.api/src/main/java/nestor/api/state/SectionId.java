// SPDX-License-Identifier: Apache-2.0
package nestor.api.state;

/**
 * Name and version of a state section. A device may take over from another with the same name.
 *
 * @param name what the section describes, such as {@code uart16550}; the instance is not part of it
 * @param version raised whenever a field is added or changes meaning
 */
public record SectionId(String name, int version) {}
