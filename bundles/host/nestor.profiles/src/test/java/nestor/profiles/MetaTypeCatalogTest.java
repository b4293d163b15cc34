// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import nestor.api.profile.DeviceType;
import org.junit.jupiter.api.Test;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.ObjectClassDefinition;

class MetaTypeCatalogTest {

  @Test
  void takesOverTypesDefaultsAndOptions() {
    DeviceType type =
        MetaTypeCatalog.type(
            "nestor.device.uart16550",
            new Definition(
                List.of(
                    new Attribute("nestor.irq", AttributeDefinition.INTEGER, 0, List.of("4")),
                    new Attribute("label", AttributeDefinition.STRING, 8, List.of()))));

    assertThat(type.word()).isEqualTo("uart16550");
    assertThat(type.attribute("irq"))
        .hasValueSatisfying(
            a -> {
              assertThat(a.type()).isEqualTo(Integer.class);
              assertThat(a.list()).isFalse();
              assertThat(a.defaults()).containsExactly("4");
            });
    assertThat(type.attribute("label")).hasValueSatisfying(a -> assertThat(a.list()).isTrue());
  }

  @Test
  void takesFactoriesThatSayWhereTheySitForDevices() {
    Attribute ports =
        new Attribute("nestor.ports", AttributeDefinition.STRING, 0, List.of("0x20+2"));
    Attribute other = new Attribute("size", AttributeDefinition.LONG, 0, List.of("1"));

    assertThat(List.of("nestor.pic", "nestor.engine.interpreter", "nestor.device.odd"))
        .satisfiesExactly(
            pid -> assertThat(isDevice(pid, ports)).isTrue(),
            pid -> assertThat(isDevice(pid, other)).isFalse(),
            pid -> assertThat(isDevice(pid, other)).isTrue());
  }

  private static boolean isDevice(String pid, Attribute attribute) {
    return MetaTypeCatalog.isDevice(MetaTypeCatalog.type(pid, new Definition(List.of(attribute))));
  }

  private record Attribute(String id, int type, int cardinality, List<String> defaults)
      implements AttributeDefinition {
    @Override
    public String getName() {
      return id;
    }

    @Override
    public String getID() {
      return id;
    }

    @Override
    public String getDescription() {
      return null;
    }

    @Override
    public int getCardinality() {
      return cardinality;
    }

    @Override
    public int getType() {
      return type;
    }

    @Override
    public String[] getOptionValues() {
      return null;
    }

    @Override
    public String[] getOptionLabels() {
      return null;
    }

    @Override
    public String validate(String value) {
      return null;
    }

    @Override
    public String[] getDefaultValue() {
      return defaults.toArray(new String[0]);
    }
  }

  private record Definition(List<Attribute> attributes) implements ObjectClassDefinition {
    @Override
    public String getName() {
      return "a device";
    }

    @Override
    public String getID() {
      return "id";
    }

    @Override
    public String getDescription() {
      return "";
    }

    @Override
    public AttributeDefinition[] getAttributeDefinitions(int filter) {
      return attributes.toArray(new AttributeDefinition[0]);
    }

    @Override
    public InputStream getIcon(int size) {
      return null;
    }
  }
}
