// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** Makes configurations of components without a framework. */
public final class Configs {
  private Configs() {}

  /**
   * {@return a configuration of defaults, except for the given attributes}
   *
   * @param type the component's configuration annotation
   * @param namesAndValues attribute names, each followed by its value
   */
  public static <A extends Annotation> A of(Class<A> type, Object... namesAndValues) {
    Map<String, Object> values = new HashMap<>();
    for (Method method : type.getDeclaredMethods()) {
      values.put(method.getName(), method.getDefaultValue());
    }
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = (String) namesAndValues[i];
      if (!values.containsKey(name)) {
        throw new IllegalArgumentException(type.getSimpleName() + " has no attribute " + name);
      }
      values.put(name, namesAndValues[i + 1]);
    }
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                values.getOrDefault(method.getName(), type.getSimpleName() + values)));
  }
}
