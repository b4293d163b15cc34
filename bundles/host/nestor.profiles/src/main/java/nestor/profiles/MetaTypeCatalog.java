// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.DeviceType;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/**
 * The device types that installed bundles describe as metatypes of their factory PIDs.
 *
 * <p>A factory is a device if it says where it sits, by {@code nestor.ports} or {@code
 * nestor.mmio}, or if its PID starts with {@code nestor.device.}.
 */
@Component
public final class MetaTypeCatalog implements DeviceCatalog {
  private static final List<String> PLACES = List.of("nestor.ports", "nestor.mmio");
  private static final String DEVICE_PREFIX = "nestor.device.";

  private final BundleContext framework;
  private final MetaTypeService metaTypes;

  /** Looks at all bundles of this framework each time it is asked. */
  @Activate
  public MetaTypeCatalog(BundleContext framework, @Reference MetaTypeService metaTypes) {
    this.framework = framework;
    this.metaTypes = metaTypes;
  }

  @Override
  public List<DeviceType> types() {
    List<DeviceType> types = new ArrayList<>();
    for (Bundle bundle : framework.getBundles()) {
      MetaTypeInformation information = metaTypes.getMetaTypeInformation(bundle);
      if (information == null) {
        continue;
      }
      for (String pid : information.getFactoryPids()) {
        DeviceType type = type(pid, information.getObjectClassDefinition(pid, null));
        if (isDevice(type)) {
          types.add(type);
        }
      }
    }
    types.sort(Comparator.comparing(DeviceType::pid));
    return types;
  }

  static boolean isDevice(DeviceType type) {
    return type.pid().startsWith(DEVICE_PREFIX)
        || type.attributes().stream().anyMatch(a -> PLACES.contains(a.name()));
  }

  static DeviceType type(String pid, ObjectClassDefinition definition) {
    List<DeviceType.Attribute> attributes = new ArrayList<>();
    AttributeDefinition[] all = definition.getAttributeDefinitions(ObjectClassDefinition.ALL);
    for (AttributeDefinition one : all == null ? new AttributeDefinition[0] : all) {
      attributes.add(
          new DeviceType.Attribute(
              one.getID(),
              javaType(one.getType()),
              one.getCardinality() != 0,
              list(one.getDefaultValue()),
              list(one.getOptionValues()),
              one.getDescription() == null ? "" : one.getDescription()));
    }
    return new DeviceType(pid, definition.getName(), attributes);
  }

  private static List<String> list(String[] values) {
    return values == null ? List.of() : Arrays.asList(values);
  }

  private static Class<?> javaType(int type) {
    return switch (type) {
      case AttributeDefinition.LONG -> Long.class;
      case AttributeDefinition.INTEGER -> Integer.class;
      case AttributeDefinition.SHORT -> Short.class;
      case AttributeDefinition.BYTE -> Byte.class;
      case AttributeDefinition.DOUBLE -> Double.class;
      case AttributeDefinition.FLOAT -> Float.class;
      case AttributeDefinition.BOOLEAN -> Boolean.class;
      default -> String.class;
    };
  }
}
