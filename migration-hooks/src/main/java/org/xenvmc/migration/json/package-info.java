/** Just enough JSON for answers, reports and the lines between the demo's processes. */
package org.xenvmc.migration.json;
