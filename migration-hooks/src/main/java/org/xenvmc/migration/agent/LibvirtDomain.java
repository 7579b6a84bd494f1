package org.xenvmc.migration.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xenvmc.migration.hook.ControlPort;
import org.xml.sax.SAXException;

/**
 * What libvirt's XML says of a guest.
 *
 * @param uuid of the guest, the same on both hosts
 * @param control host's end of its control port, if it has one
 */
record LibvirtDomain(String uuid, Optional<Path> control) {
    /** Reads the XML. */
    static LibvirtDomain read(InputStream xml) throws IOException {
        Document document;
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // its errors are thrown; it need not print them, too
            document = builder.parse(xml);
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException("standard input is not the XML of a domain: " + e.getMessage(), e);
        }
        Element domain = document.getDocumentElement();
        NodeList uuids = domain.getElementsByTagName("uuid");
        if (!domain.getTagName().equals("domain") || uuids.getLength() == 0) {
            throw new IOException("standard input is not the XML of a domain: it has no <domain> with a <uuid>");
        }
        return new LibvirtDomain(uuids.item(0).getTextContent().strip(), control(domain));
    }

    private static Optional<Path> control(Element domain) {
        NodeList channels = domain.getElementsByTagName("channel");
        for (int i = 0; i < channels.getLength(); i++) {
            Element channel = (Element) channels.item(i);
            String path = attribute(channel, "source", "path");
            if (attribute(channel, "target", "name").equals(ControlPort.PORT_NAME) && !path.isEmpty()) {
                return Optional.of(Path.of(path));
            }
        }
        return Optional.empty();
    }

    private static String attribute(Element parent, String child, String name) {
        NodeList children = parent.getElementsByTagName(child);
        return children.getLength() == 0 ? "" : ((Element) children.item(0)).getAttribute(name);
    }
}
